// What a helper thread is given to begin with.

export interface ThreadStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** ≥ 1; thread 0 is the one that calls the kernels. */
  id: number;
}
