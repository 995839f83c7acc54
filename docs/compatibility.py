"""compatibility.py URL HEAD: docs/compatibility.md, from what a server says of its operations and the text of HEAD."""
import json
import pathlib
import sys
import urllib.request

TITLES = {'rekognition': 'Amazon Rekognition', 's3': 'Amazon S3', 'dynamodb': 'Amazon DynamoDB', 'lambda': 'AWS Lambda',
          'likeness': 'Likeness', 'iam': 'AWS IAM', 'sts': 'AWS STS', 'logs': 'Amazon CloudWatch Logs'}


def members_of(members):
    words, seen = [], set()
    for member in members:
        if member['name'] in seen:  # read in two ways
            continue
        seen.add(member['name'])
        name = member['name'] + ('*' if member['required'] else '')
        limits = member.get('limits', {})
        bounds = []
        for low, high in (('length_min', 'length_max'), ('value_min', 'value_max'), ('items_min', 'items_max')):
            if low in limits or high in limits:
                bounds.append(f"{number(limits.get(low, ''))}..{number(limits.get(high, ''))}")
        words.append(name + (f" ({', '.join(bounds)})" if bounds else ''))
    return ', '.join(words)


def number(value):
    return int(value) if isinstance(value, float) and value == int(value) else value


def main():
    services = json.load(urllib.request.urlopen(sys.argv[1]))
    print(pathlib.Path(sys.argv[2]).read_text())
    for name, title in TITLES.items():
        operations = services[name]
        here = [operation for operation in operations if operation['implemented']]
        lacking = sorted({operation['name'] for operation in operations} - {operation['name'] for operation in here})
        print(f'## {title}: {len(here)} of {len(here) + len(lacking)} operations\n')
        print('| operation | IAM action | members (* required), with their bounds |\n|---|---|---|')
        for operation in sorted(here, key=lambda one: one['name']):
            print(f"| {operation['name']} | `{operation['action']}` | {members_of(operation['members'])} |")
        if lacking:
            print(f"\nKnown by name and refused: {', '.join(lacking)}.")
        print()


if __name__ == '__main__':
    main()
