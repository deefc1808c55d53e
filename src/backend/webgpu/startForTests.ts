// Starts `webgpu` in Node for tests and benches, on Dawn (npm `webgpu`): with SwiftShader (a GPU played by the CPU, slow but exact)
// where a Chromium brings one, with Dawn's null backend, which checks and compiles everything and computes nothing, or with the GPU.
import type { GpuBackend } from './gpuBackend';
import { startWebgpu, stopWebgpu, type WebgpuOptions, webgpuBackend } from './webgpu';

export interface TestDevice {
  backend: GpuBackend;
  /** Lets the device go, so that the process can end. */
  stop(): void;
}

/** `hardware`: whatever this system's drivers offer. */
const dawnOptions = { swiftshader: ['backend=vulkan'], null: ['backend=null'], hardware: [] };

/** Folders in which browsers bring SwiftShader's Vulkan driver and a Vulkan loader. */
const browserFolders = [
  '/usr/lib/chromium',
  '/usr/lib64/chromium-browser',
  '/usr/lib/chromium-browser',
  '/opt/google/chrome',
  '/snap/chromium/current/usr/lib/chromium-browser',
];
const DRIVER = 'vk_swiftshader_icd.json';
const LOADER = 'libvulkan.so.1';

async function driverFolder(): Promise<string | null> {
  const { existsSync, readdirSync } = await import('node:fs');
  const { homedir } = await import('node:os');
  const { join, dirname } = await import('node:path');
  const own = process.env.CHROME_PATH ? [dirname(process.env.CHROME_PATH)] : [];
  const cache = process.env.PLAYWRIGHT_BROWSERS_PATH ?? join(homedir(), '.cache', 'ms-playwright');
  const playwright = existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => /^chromium-\d+$/.test(name))
        .flatMap((name) => [join(cache, name, 'chrome-linux64'), join(cache, name, 'chrome-linux')])
    : [];
  return [...own, ...browserFolders, ...playwright].find((folder) => existsSync(join(folder, DRIVER))) ?? null;
}

/**
 * Dawn's instances, one of each kind for the life of the process: when JavaScript collects one, Dawn frees it although its own
 * timers still call into it, and the process hangs in a lock that is no more (webgpu 0.6.2).
 */
const instances = new Map<string, GPU>();

/**
 * Makes the browser's Vulkan loader known to this process, for systems that have none: Dawn opens it by name, and a library
 * that is already there is found by its name. Node refuses it as an add-on after having opened it, and must not close it.
 */
async function preloadLoader(folder: string): Promise<void> {
  const { constants } = await import('node:os');
  const { join } = await import('node:path');
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, join(folder, LOADER), constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // Always "did not self-register". If it could not be opened at all, Dawn finds no adapter and says so.
  }
}

/** @returns no device and the reason, where this system has no adapter of that kind */
export async function startForTests(
  kind: 'swiftshader' | 'null' | 'hardware' = 'swiftshader',
  options: WebgpuOptions = {},
): Promise<{ device: TestDevice | null; reason: string }> {
  const dawn = await import('webgpu').catch(() => null);
  if (!dawn) return { device: null, reason: 'npm package webgpu has no binary for this system' };
  if (kind === 'swiftshader' && !process.env.VK_DRIVER_FILES) {
    const folder = await driverFolder();
    if (!folder) return { device: null, reason: `no ${DRIVER} beside any Chromium; install one or set CHROME_PATH` };
    process.env.VK_DRIVER_FILES = `${folder}/${DRIVER}`;
    await preloadLoader(folder);
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = instances.get(kind) ?? dawn.create(dawnOptions[kind]);
  instances.set(kind, gpu);
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', {
    value: { gpu, userAgent: 'node', hardwareConcurrency: 1 },
    configurable: true,
    writable: true,
  });
  const restore = () => {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else Reflect.deleteProperty(globalThis, 'navigator');
  };
  if (!(await gpu.requestAdapter())) {
    restore();
    return { device: null, reason: `Dawn found no ${kind} adapter` };
  }
  const { adapter } = await startWebgpu(options);
  return {
    device: {
      get backend() {
        return webgpuBackend();
      },
      stop() {
        stopWebgpu();
        restore();
      },
    },
    reason: adapter,
  };
}
