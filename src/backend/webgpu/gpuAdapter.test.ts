// What browsers say of their adapters, real and played: the table decides whether a GPU is a GPU.
import { afterEach, expect, test, vi } from 'vitest';
import {
  type AdapterDescription,
  adapterDescription,
  describeAdapter,
  findAdapter,
  isSoftwareAdapter,
} from './gpuAdapter';

const software: [string, AdapterDescription][] = [
  ['Chrome on SwiftShader', { vendor: 'google', architecture: 'swiftshader', isFallbackAdapter: true }],
  ['Chrome on SwiftShader, before isFallbackAdapter', { vendor: 'google', architecture: 'swiftshader' }],
  ['Dawn on SwiftShader', { vendor: 'google', description: 'SwiftShader driver 5.0.0' }],
  ['llvmpipe', { vendor: 'mesa', architecture: '', device: 'llvmpipe (LLVM 15.0.6, 256 bits)' }],
  ['lavapipe', { vendor: '', description: 'lavapipe' }],
  ['WARP', { vendor: 'microsoft', architecture: 'warp' }],
  ['Windows without a driver', { vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }],
  ['Apple in a virtual machine', { vendor: 'apple', description: 'Apple Software Renderer' }],
  ['any fallback', { vendor: '', isFallbackAdapter: true }],
];
const hardware: [string, AdapterDescription][] = [
  ['NVIDIA', { vendor: 'nvidia', architecture: 'ampere', description: 'NVIDIA GeForce RTX 3060' }],
  ['AMD', { vendor: 'amd', architecture: 'rdna-2', device: '0x73bf', isFallbackAdapter: false }],
  ['Intel', { vendor: 'intel', architecture: 'gen-12lp', description: 'Intel(R) Iris(R) Xe Graphics' }],
  ['Apple', { vendor: 'apple', architecture: 'metal-3' }],
  ['a phone', { vendor: 'arm', architecture: 'valhall' }],
  ['a browser that tells nothing', {}],
];

test.each(software)('%s is software', (_, info) => expect(isSoftwareAdapter(info)).toBe(true));
test.each(hardware)('%s is hardware', (_, info) => expect(isSoftwareAdapter(info)).toBe(false));

test('an adapter in one line', () => {
  expect(describeAdapter(hardware[0][1])).toBe('nvidia ampere · NVIDIA GeForce RTX 3060');
  expect(describeAdapter({ vendor: 'apple', architecture: 'metal-3' })).toBe('apple metal-3');
  expect(describeAdapter({ vendor: '', device: 'llvmpipe' })).toBe('llvmpipe');
  expect(describeAdapter({})).toBe('unknown');
});

test('isFallbackAdapter is found where older browsers had it, and a missing info is no fault', () => {
  const older = { isFallbackAdapter: true } as unknown as GPUAdapter;
  expect(isSoftwareAdapter(adapterDescription(older))).toBe(true);
  const newer = { info: { vendor: 'amd', isFallbackAdapter: false } } as unknown as GPUAdapter;
  expect(isSoftwareAdapter(adapterDescription(newer))).toBe(false);
});

afterEach(() => vi.unstubAllGlobals());

test('no WebGPU, no adapter, or a refusal: null', async () => {
  vi.stubGlobal('navigator', {});
  expect(await findAdapter()).toBeNull();
  vi.stubGlobal('navigator', { gpu: { requestAdapter: async () => null } });
  expect(await findAdapter()).toBeNull();
  vi.stubGlobal('navigator', { gpu: { requestAdapter: () => Promise.reject(new Error('blocked')) } });
  expect(await findAdapter()).toBeNull();
});
