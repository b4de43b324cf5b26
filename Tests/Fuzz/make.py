#!/usr/bin/env python3
"""Makes ten small HDF5 files of different form for mutate.py: make.py DIR. Needs h5py."""
import argparse, json, os
import h5py, numpy as np

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument('folder', help='where they go; it is created if missing')
folder = parser.parse_args().folder
os.makedirs(folder, exist_ok=True)
values = np.arange(600, dtype='f4').reshape(20, 30)


def new(name, **options):
    return h5py.File(os.path.join(folder, name + '.h5'), 'w', **options)


def model(file):
    rows, columns = values.shape
    layers = [{'class_name': 'InputLayer', 'config': {'name': 'x', 'batch_input_shape': [None, rows]}}]
    layers += [{'class_name': 'Dense', 'config': {'name': name, 'units': units, 'activation': 'tanh'}}
               for name, units in (('first', columns), ('second', rows))]
    file.attrs['model_config'] = json.dumps({'class_name': 'Sequential', 'config': {'name': 's', 'layers': layers}})
    group = file.create_group('model_weights')
    group.attrs['layer_names'] = [b'first', b'second']
    for layer, kernel in (('first', values), ('second', values.T)):
        inner = group.create_group(layer)
        inner.attrs['weight_names'] = [b'kernel:0', b'bias:0']
        inner.create_dataset('kernel:0', data=kernel)
        inner.create_dataset('bias:0', data=kernel[0])


def chunked(file):
    file.create_dataset('plain', data=values, chunks=(7, 8))
    file.create_dataset('gzip', data=values, chunks=(7, 8), compression='gzip', shuffle=True, fletcher32=True)
    file.create_dataset('fixed', data=np.arange(3000, dtype='i2'), chunks=(2,), compression='gzip')
    file.create_dataset('grows', data=values, chunks=(1, 5), maxshape=(None, 30))
    file.create_dataset('both', data=values, chunks=(3, 4), maxshape=(None, None), compression='gzip')
    file.create_dataset('one', data=values, chunks=values.shape, compression='gzip')
    file.create_dataset('sparse', shape=(100, 100), chunks=(10, 10), fillvalue=3, dtype='f8')[50:60, 50:60] = 1


def dense(file):
    group = file.create_group('links', track_order=True)
    for number in range(60):
        group.create_group(f'a rather long name for a group, number {number}')
    for number in range(60):
        file.attrs[f'attribute {number}'] = np.arange(number)
    file.attrs['huge'] = np.arange(6000)
    group['soft'] = h5py.SoftLink('/x')
    group['out'] = h5py.ExternalLink('other.h5', '/x')


def texts(file):
    kind = h5py.string_dtype()
    file.attrs.create('names', [f'layer_{n}' for n in range(200)], dtype=kind)
    file.create_dataset('texts', data=[f'text {n}' for n in range(100)], dtype=kind)
    file.create_dataset('fixed', data=np.array([b'a', b'bcd']))


def types(file):
    for name, kind in (('be', '>f4'), ('half', 'f2'), ('long', '>i8'), ('byte', 'u1'), ('bool', '?'), ('complex', 'c8')):
        file.create_dataset(name, data=np.arange(12).astype(kind))
    file.create_dataset('record', data=np.zeros(4, [('a', 'f4'), ('b', '>i2', (3,))]))
    file['named'] = np.dtype('f8')
    file.create_dataset('committed', data=np.zeros(3), dtype=file['named'])
    file.create_dataset('scalar', data=5.0)
    file.create_dataset('null', data=h5py.Empty('f4'))


def many(file):
    for number in range(300):
        file.create_dataset(f'group{number % 7}/dataset{number}', data=values[0, :3])


for name, make, options in (
        ('model_old', model, {'libver': 'earliest'}), ('model_new', model, {'libver': 'latest'}),
        ('chunks_old', chunked, {'libver': 'earliest'}), ('chunks_new', chunked, {'libver': 'latest'}),
        ('dense', dense, {'libver': 'latest'}), ('texts', texts, {'libver': 'earliest'}),
        ('types', types, {'libver': 'v108'}), ('many_old', many, {'libver': 'earliest'}),
        ('many_new', many, {'libver': 'latest'}), ('behind', model, {'userblock_size': 1024})):
    with new(name, **options) as file:
        make(file)
