"""The whole story, as a program of an AWS user would play it; only the endpoint is Likeness.

    python3 demo.py FOLDER OUTPUT      FOLDER holds a folder of photos per person; OUTPUT gets annotated pictures

A collection, a table, a bucket, a role, a function and a trigger are made; all but the last photo of each person are
uploaded with the person's name in the metadata and index themselves; then the last photos, and those of people with one
photo only, who are strangers, are searched. At the end a group picture is made of some of them, and IdentifyFaces of the
service `likeness` says who is in it and with what probability.
"""
import io
import json
import os
import pathlib
import sys
import time
import zipfile

import boto3
from PIL import Image, ImageDraw, ImageFont, ImageOps

ENDPOINT = os.environ['AWS_ENDPOINT_URL']
COLLECTION, TABLE, FUNCTION, ROLE, BUCKET = 'people', 'names', 'index-photo', 'index-photo-role', 'demo-photos'
HERE = pathlib.Path(__file__).parent
os.environ.setdefault('AWS_DATA_PATH', str(HERE.parents[1] / 'sdk'))  # where boto3 learns of the service `likeness`


def client(service):
    # Debian's boto3 does not know AWS_ENDPOINT_URL; a newer one would need no argument here.
    return boto3.client(service, endpoint_url=ENDPOINT)


class Step:
    """Prints what is being done, how far it is, and how long it took."""

    def __init__(self, what):
        self.what, self.started = what, time.monotonic()
        print(f'  {what} ...', end='', flush=True)

    def progress(self, done, total):
        if sys.stdout.isatty():
            print(f'\r  {self.what} ... {done} of {total}', end='', flush=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            print(f'\r  {self.what:<52} {time.monotonic() - self.started:7.2f} s')


def photos_of(folder):
    """{person: [photo, ...]}, names as people write them."""
    people = {}
    for person in sorted(path for path in folder.iterdir() if path.is_dir()):
        photos = sorted(path for path in person.iterdir() if path.suffix.lower() in ('.jpg', '.jpeg', '.png'))
        if photos:
            people[person.name.replace('_', ' ')] = photos
    return people


def set_up():
    rekognition, dynamodb, s3, iam, functions = map(client, ('rekognition', 'dynamodb', 's3', 'iam', 'lambda'))
    region = s3.meta.region_name
    account = client('sts').get_caller_identity()['Account']
    with Step('collection'):
        rekognition.create_collection(CollectionId=COLLECTION)
    with Step('table'):
        dynamodb.create_table(TableName=TABLE, BillingMode='PAY_PER_REQUEST',
                              AttributeDefinitions=[{'AttributeName': 'RekognitionId', 'AttributeType': 'S'}],
                              KeySchema=[{'AttributeName': 'RekognitionId', 'KeyType': 'HASH'}])
    with Step('bucket'):
        where = {} if region == 'us-east-1' else {'CreateBucketConfiguration': {'LocationConstraint': region}}
        s3.create_bucket(Bucket=BUCKET, **where)
    with Step('role with trust and access policy'):
        trust = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': 'sts:AssumeRole',
                                                         'Principal': {'Service': 'lambda.amazonaws.com'}}]}
        access = {'Version': '2012-10-17', 'Statement': [
            {'Effect': 'Allow', 'Action': ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
             'Resource': 'arn:aws:logs:*:*:*'},
            {'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': f'arn:aws:s3:::{BUCKET}/*'},
            {'Effect': 'Allow', 'Action': 'dynamodb:PutItem',
             'Resource': f'arn:aws:dynamodb:{region}:{account}:table/{TABLE}'},
            {'Effect': 'Allow', 'Action': 'rekognition:IndexFaces', 'Resource': '*'}]}
        role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))['Role']['Arn']
        iam.put_role_policy(RoleName=ROLE, PolicyName='access', PolicyDocument=json.dumps(access))
    with Step('function'):
        code = io.BytesIO()
        with zipfile.ZipFile(code, 'w') as package:
            package.write(HERE / 'lambda_function.py', 'lambda_function.py')
        arn = functions.create_function(
            FunctionName=FUNCTION, Runtime='python3.11', Role=role, Handler='lambda_function.lambda_handler', Timeout=30,
            Code={'ZipFile': code.getvalue()},
            Environment={'Variables': {'COLLECTION': COLLECTION, 'TABLE': TABLE}})['FunctionArn']
    with Step('trigger: uploads under index/ call the function'):
        functions.add_permission(FunctionName=FUNCTION, StatementId='s3', Action='lambda:InvokeFunction',
                                 Principal='s3.amazonaws.com', SourceArn=f'arn:aws:s3:::{BUCKET}')
        s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={
            'LambdaFunctionConfigurations': [{
                'LambdaFunctionArn': arn, 'Events': ['s3:ObjectCreated:*'],
                'Filter': {'Key': {'FilterRules': [{'Name': 'prefix', 'Value': 'index/'}]}}}]})


def upload(people):
    s3, dynamodb = client('s3'), client('dynamodb')
    known = [(name, photo) for name, photos in people.items() if len(photos) > 1 for photo in photos[:-1]]
    with Step(f'upload {len(known)} photos with names') as step:
        for done, (name, photo) in enumerate(known, 1):
            s3.put_object(Bucket=BUCKET, Key='index/' + photo.name, Body=photo.read_bytes(), Metadata={'FullName': name})
            step.progress(done, len(known))
    with Step('wait until all have indexed themselves') as step:
        deadline, count, before, changed = time.monotonic() + 300, -1, -1, time.monotonic()
        while count < len(known) and time.monotonic() < deadline and time.monotonic() - changed < 30:
            count = dynamodb.scan(TableName=TABLE, Select='COUNT')['Count']
            changed = time.monotonic() if count != before else changed
            before = count
            step.progress(count, len(known))
            time.sleep(0.2)
    print(f'  {count} of {len(known)} photos are indexed')


def who_is(picture):
    """(name, similarity, box) of the largest face; the name is None for somebody who is not known."""
    rekognition, dynamodb = client('rekognition'), client('dynamodb')
    try:
        found = rekognition.search_faces_by_image(CollectionId=COLLECTION, Image={'Bytes': picture}, MaxFaces=5)
    except rekognition.exceptions.InvalidParameterException:
        return None, 0.0, None
    for match in found['FaceMatches']:
        item = dynamodb.get_item(TableName=TABLE, Key={'RekognitionId': {'S': match['Face']['FaceId']}})
        if 'Item' in item:
            return item['Item']['FullName']['S'], match['Similarity'], found['SearchedFaceBoundingBox']
    return None, 0.0, found['SearchedFaceBoundingBox']


def as_jpeg(image):
    out = io.BytesIO()
    image.convert('RGB').save(out, format='JPEG', quality=95)
    return out.getvalue()


def annotate(image, faces):
    """Draws the boxes and labels of `faces` ((name or None, label, box), ...) on a copy of the picture."""
    scale = max(1, round(640 / min(image.size)))
    picture = image.convert('RGB').resize((image.width * scale, image.height * scale), Image.LANCZOS)
    draw = ImageDraw.Draw(picture)
    try:
        font = ImageFont.truetype('DejaVuSans.ttf', max(14, picture.width // 36))
    except OSError:
        font = ImageFont.load_default()
    for name, label, box in faces:
        if box is None:
            continue
        left, top = box['Left'] * picture.width, box['Top'] * picture.height
        right, bottom = left + box['Width'] * picture.width, top + box['Height'] * picture.height
        colour = (20, 160, 60) if name else (200, 60, 30)
        draw.rectangle((left, top, right, bottom), outline=colour, width=max(2, picture.width // 250))
        _, _, width, height = draw.textbbox((0, 0), label, font=font)
        below = min(bottom + 2, picture.height - height - 6)
        left = max(0, min(left, picture.width - width - 8))
        draw.rectangle((left, below, left + width + 8, below + height + 6), fill=colour)
        draw.text((left + 4, below + 2), label, fill='white', font=font)
    return picture


def analyse(people, output):
    right = wrong = 0
    for name, photos in people.items():
        photo = photos[-1]
        expected = name if len(photos) > 1 else None
        image = ImageOps.exif_transpose(Image.open(photo))
        started = time.monotonic()
        found, similarity, box = who_is(as_jpeg(image))
        took = (time.monotonic() - started) * 1000
        answer = f'Person is: {found}' if found else 'Person not found'
        note = '' if found == expected else f'   (expected: {expected or "nobody"})'
        right, wrong = right + (found == expected), wrong + (found != expected)
        print(f'  {photo.name:<36} {answer:<36} {took:6.0f} ms{note}')
        label = f'{found}  {similarity:.1f}' if found else 'not known'
        annotate(image, [(found, label, box)]).save(output / f'{photo.stem}.jpg', quality=90)
    print(f'  {right} of {right + wrong} as expected')
    return wrong == 0


def group_picture(people, output):
    """Some of the photos side by side as one picture: who everybody is, in one call, and how probable that is."""
    known = [photos[-1] for photos in people.values() if len(photos) > 1][:5]
    strangers = [photos[-1] for photos in people.values() if len(photos) == 1][:1]
    tiles = [ImageOps.fit(ImageOps.exif_transpose(Image.open(photo)).convert('RGB'), (320, 320))
             for photo in known + strangers]
    group = Image.new('RGB', (320 * min(3, len(tiles)), 320 * ((len(tiles) + 2) // 3)), (90, 90, 90))
    for place, tile in enumerate(tiles):
        group.paste(tile, (place % 3 * 320, place // 3 * 320))
    found = client('likeness').identify_faces(CollectionId=COLLECTION, Image={'Bytes': as_jpeg(group)}, MaxCandidates=3,
                                              ProbabilityThreshold=0.9)
    faces = []
    for face in found['Faces']:
        box, person = face['BoundingBox'], face.get('Person', {}).get('ExternalImageId')
        could_be = [(one['Person']['ExternalImageId'].replace('_', ' '), one['Probability']) for one in face['Candidates']]
        could_be = [f'{name} {share:.1%}' for name, share in could_be if share >= 0.001]
        print(f'  a face at {box["Left"]:.2f}, {box["Top"]:.2f}:  {(person or "not known").replace("_", " "):<24}'
              + ', '.join(could_be + [f'somebody else {face["UnknownProbability"]:.1%}']))
        label = f'{person.replace("_", " ")}  {face["Candidates"][0]["Probability"]:.1%}' if person else 'not known'
        faces.append((person, label, box))
    annotate(group, faces).save(output / 'group.jpg', quality=90)


def main():
    folder, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    output.mkdir(parents=True, exist_ok=True)
    people = photos_of(folder)
    if not any(len(photos) > 1 for photos in people.values()):
        sys.exit(f'{folder} holds no person with two photos: it must have a folder of photos per person')
    print('Setting up')
    set_up()
    print('Indexing')
    upload(people)
    print('Analysing photos that have not been seen')
    good = analyse(people, output)
    print('A group picture')
    group_picture(people, output)
    print(f'Annotated pictures: {output}')
    sys.exit(0 if good else 1)


if __name__ == '__main__':
    main()
