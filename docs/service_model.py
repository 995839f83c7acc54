"""service_model.py URL: the model of the likeness service as the AWS CLI and boto3 read it (botocore's service-2.json),
from what a server says of its operations.

Shapes get the name of the member that holds them; where two different structures share one, the owner's name stands before.
"""
import json
import sys
import urllib.request

VERSION = '2026-11-01'
# What these operations can be refused with (src/services/rekognition/errors.cpp, src/wire/trouble.cpp).
FAULTS = ['AccessDeniedException', 'ConflictException', 'IdempotentParameterMismatchException', 'ImageTooLargeException',
          'InternalServerError', 'InvalidImageFormatException', 'InvalidPaginationTokenException',
          'InvalidParameterException', 'InvalidS3ObjectException', 'LimitExceededException', 'ResourceInUseException',
          'ResourceNotFoundException', 'ResourceNotReadyException', 'ServiceQuotaExceededException', 'ThrottlingException',
          'ValidationException']


class Shapes:
    def __init__(self):
        self.known = {}

    def add(self, name, shape, owner=''):
        """The name under which `shape` is known from now on."""
        for candidate in (name, owner + name):
            if self.known.setdefault(candidate, shape) == shape:
                return candidate
        raise SystemExit(f'two different shapes are called {owner + name}')

    def structure(self, name, members, owner=''):
        shape = {'type': 'structure', 'members': {}}
        required = [member['name'] for member in members if member['required']]
        if required:
            shape['required'] = required
        for member in members:
            shape['members'][member['name']] = {'shape': self.of(member, member['name'], name)}
        return self.add(name, shape, owner)

    def of(self, described, name, owner):
        kind, limits = described['type'], described.get('limits', {})
        if kind == 'structure':
            return self.structure(name, described['members'], owner)
        if kind == 'list':
            item = name[:-1] if name.endswith('s') else name + 'Item'
            inner = dict(described['of'], limits=limits.get('each') or {})
            shape = {'type': 'list', 'member': {'shape': self.of(inner, item, owner)}}
            shape.update(bounds(limits, 'items'))
            return self.add(name + ('List' if described['of']['type'] != 'structure' else ''), shape, owner)
        if kind == 'map':
            inner = dict(described['of'], limits=limits.get('each') or {})
            shape = {'type': 'map', 'key': {'shape': self.add('String', {'type': 'string'})},
                     'value': {'shape': self.of(inner, name + 'Value', owner)}}
            return self.add(name + 'Map', shape, owner)
        if kind == 'document':
            return self.add('Document', {'type': 'structure', 'members': {}, 'document': True})
        shape = {'type': {'float': 'double', 'integer': 'long'}.get(kind, kind)}
        if kind in ('string', 'blob'):
            shape.update(bounds(limits, 'length'))
        if kind in ('float', 'integer'):
            shape.update(bounds(limits, 'value'))
        if 'one_of' in limits:
            shape['enum'] = limits['one_of']
        if 'pattern' in limits:
            shape['pattern'] = limits['pattern']
        if len(shape) == 1:
            return self.add(shape['type'].capitalize(), shape)
        return self.add(name, shape, owner)


def bounds(limits, of):
    out = {key: limits[f'{of}_{key}'] for key in ('min', 'max') if f'{of}_{key}' in limits}
    return {key: int(number) if number == int(number) else number for key, number in out.items()}


def main():
    described = json.load(urllib.request.urlopen(sys.argv[1]))['likeness']
    shapes = Shapes()
    operations = {}
    for fault in FAULTS:
        shapes.add(fault, {'type': 'structure', 'members': {'message': {'shape': shapes.add('String', {'type': 'string'})}},
                           'exception': True})
    for operation in sorted(described, key=lambda one: one['name']):
        name = operation['name']
        operations[name] = {
            'name': name,
            'http': {'method': 'POST', 'requestUri': '/'},
            'input': {'shape': shapes.structure(name + 'Request', operation['members'])},
            'output': {'shape': shapes.structure(name + 'Response', operation['output'])},
            'errors': [{'shape': fault} for fault in FAULTS],
        }
    model = {
        'version': '2.0',
        'metadata': {'apiVersion': VERSION, 'endpointPrefix': 'likeness', 'jsonVersion': '1.1', 'protocol': 'json',
                     'serviceAbbreviation': 'Likeness', 'serviceFullName': 'Likeness', 'serviceId': 'Likeness',
                     'signatureVersion': 'v4', 'signingName': 'likeness', 'targetPrefix': 'Likeness',
                     'uid': f'likeness-{VERSION}'},
        'operations': operations,
        'shapes': dict(sorted(shapes.known.items())),
    }
    print(json.dumps(model, indent=1))


if __name__ == '__main__':
    main()
