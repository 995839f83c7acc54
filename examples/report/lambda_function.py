"""Indexes each photo that is uploaded under index/: the face into the collection, the name into the table."""
import os
import re
from urllib.parse import unquote_plus

import boto3

s3 = boto3.client('s3')
rekognition = boto3.client('rekognition')
dynamodb = boto3.client('dynamodb')


def lambda_handler(event, context):
    record = event['Records'][0]['s3']
    bucket, key = record['bucket']['name'], unquote_plus(record['object']['key'])
    name = s3.head_object(Bucket=bucket, Key=key)['Metadata']['fullname']
    indexed = rekognition.index_faces(CollectionId=os.environ['COLLECTION'], MaxFaces=1,
                                      Image={'S3Object': {'Bucket': bucket, 'Name': key}},
                                      ExternalImageId=re.sub('[^a-zA-Z0-9_.:-]', '_', name))
    if not indexed['FaceRecords']:
        print('no usable face in', key, [face['Reasons'] for face in indexed['UnindexedFaces']])
        return {'indexed': 0}
    dynamodb.put_item(TableName=os.environ['TABLE'],
                      Item={'RekognitionId': {'S': indexed['FaceRecords'][0]['Face']['FaceId']},
                            'FullName': {'S': name}})
    return {'indexed': 1}
