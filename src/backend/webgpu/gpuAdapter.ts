// Which GPU is there, and is it one? A software adapter (the CPU playing a GPU) runs our kernels many times slower than
// the `simd` backend on the same CPU, so the choice of backend must know. No tfjs here: this is asked before it is loaded.

/** What GPUAdapterInfo says; older browsers leave fields out. */
export interface AdapterDescription {
  vendor?: string;
  architecture?: string;
  device?: string;
  description?: string;
  isFallbackAdapter?: boolean;
}

/**
 * Names under which software rasterisers show up in any field: Google's SwiftShader, Mesa's llvmpipe and lavapipe,
 * Microsoft's WARP ("Microsoft Basic Render Driver"), Apple's and Mesa's plain software renderers.
 */
const softwareNames =
  /swiftshader|llvmpipe|lavapipe|softpipe|\bwarp\b|basic render|software (?:renderer|rasteri[sz]er|adapter)/i;

const fieldsOf = (info: AdapterDescription) => [info.vendor, info.architecture, info.device, info.description];

export function isSoftwareAdapter(info: AdapterDescription): boolean {
  return info.isFallbackAdapter === true || fieldsOf(info).some((field) => softwareNames.test(field ?? ''));
}

/** One line for people: "nvidia ampere · NVIDIA GeForce RTX 3060"; "unknown" when the browser tells nothing. */
export function describeAdapter(info: AdapterDescription): string {
  const [vendor, architecture, device, description] = fieldsOf(info);
  const name = [vendor, architecture].filter(Boolean).join(' ');
  return [name, description || device].filter(Boolean).join(' · ') || 'unknown';
}

/** Reads the description of an adapter; `isFallbackAdapter` moved from the adapter to its info over the years. */
export function adapterDescription(adapter: GPUAdapter): AdapterDescription {
  const info: GPUAdapterInfo | undefined = adapter.info;
  const older: { isFallbackAdapter?: boolean } = adapter as unknown as AdapterDescription;
  return {
    vendor: info?.vendor,
    architecture: info?.architecture,
    device: info?.device,
    description: info?.description,
    isFallbackAdapter: info?.isFallbackAdapter ?? older.isFallbackAdapter,
  };
}

/** The fastest adapter, or null: no WebGPU in this browser or worker, or it is blocked on this machine. */
export async function findAdapter(): Promise<GPUAdapter | null> {
  const gpu: GPU | undefined = globalThis.navigator?.gpu;
  if (!gpu) return null;
  try {
    return await gpu.requestAdapter({ powerPreference: 'high-performance' });
  } catch {
    return null;
  }
}
