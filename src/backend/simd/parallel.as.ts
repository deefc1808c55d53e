// AssemblyScript. How one job is shared between the threads, inside WASM: the caller stores arguments and the number of
// chunks in a control block at a fixed address of the shared memory, then takes chunks together with the helpers.
// Which thread takes which chunk is left to chance, so a kernel may only partition its OUTPUTS: each output is written by
// exactly one chunk, in an order that does not depend on the chunking. Then the bits are the same for any number of threads.

// Control block. One cache line (64 bytes) per word that several threads write.
/** Chunks still to be taken; counts down, below zero = nothing left. */
const TICKET: usize = 1024;
/** Chunks finished. */
const DONE: usize = 1088;
/** Counts wake-ups, so that a helper cannot sleep through one. */
const EPOCH: usize = 1152;
const SLEEPERS: usize = 1216;
const STOP: usize = 1280;
/** Set by JavaScript when a helper died of a trap. */
const FAULT: usize = 1284;
const CHUNKS: usize = 1344;
const FUNCTION: usize = 1348;
const SCRATCH_BASE: usize = 1352;
const SCRATCH_BYTES: usize = 1356;
const THREADS: usize = 1360;
/** 1 where the caller may sleep (a page's main thread may not). */
const MAY_SLEEP: usize = 1364;
/** 1 while the caller sleeps until DONE is complete. */
const CALLER_SLEEPS: usize = 1408;
const ARGUMENTS: usize = 1536;
/** A KiB for every thread, where kernels that it runs by itself find their arguments. */
const PRIVATE: usize = 16384;
const PRIVATE_BYTES: usize = 1024;
/** As many as have room below the heap. */
export const MOST_ALONE: i32 = 48;
/** 256 bytes that are never written. */
export const ZEROS: usize = 2048;

/** Addresses that JavaScript needs. */
export const ticketAddress: i32 = <i32>TICKET;
export const doneAddress: i32 = <i32>DONE;
export const epochAddress: i32 = <i32>EPOCH;
export const stopAddress: i32 = <i32>STOP;
export const faultAddress: i32 = <i32>FAULT;
export const scratchBaseAddress: i32 = <i32>SCRATCH_BASE;
export const scratchBytesAddress: i32 = <i32>SCRATCH_BYTES;
export const threadsAddress: i32 = <i32>THREADS;
export const maySleepAddress: i32 = <i32>MAY_SLEEP;

/** Some tens of microseconds: longer than the JavaScript between two kernels of a step, shorter than anybody notices. */
const SPINS_BEFORE_SLEEP: i32 = 60000;

/** Milliseconds without a finished chunk after which a helper is taken for dead: no chunk takes as long. */
const PATIENCE: i32 = 60000;

// Globals are a thread's own: every thread has its own instance of the module.
/** Where the kernel that runs finds its arguments. */
let job: usize = ARGUMENTS;
/** Scratch of kernels that are called within a chunk, whose own chunks this thread then runs by itself; 0 = not within one. */
let aloneScratch: usize = 0;

/** From here on kernels called by this thread run on it alone. @returns half a KiB of its own */
export function beginAlone(scratch: usize): usize {
  aloneScratch = scratch;
  job = PRIVATE + (scratch - load<usize>(SCRATCH_BASE)) / load<usize>(SCRATCH_BYTES) * PRIVATE_BYTES;
  return job + PRIVATE_BYTES / 2;
}

export function endAlone(): void {
  aloneScratch = 0;
  job = ARGUMENTS;
}

// @ts-ignore: decorator
@inline export function setI(i: i32, value: i32): void { store<i32>(job + (<usize>i << 2), value); }
// @ts-ignore: decorator
@inline export function getI(i: i32): i32 { return load<i32>(job + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline export function setP(i: i32, value: usize): void { store<usize>(job + (<usize>i << 2), value); }
// @ts-ignore: decorator
@inline export function getP(i: i32): usize { return load<usize>(job + (<usize>i << 2)); }
// @ts-ignore: decorator
@inline export function setF(i: i32, value: f32): void { store<f32>(job + (<usize>i << 2), value); }
// @ts-ignore: decorator
@inline export function getF(i: i32): f32 { return load<f32>(job + (<usize>i << 2)); }

/** Threads that take part, the caller included. Only for choosing a chunk size. */
// @ts-ignore: decorator
@inline export function threadCount(): i32 { return aloneScratch ? 1 : load<i32>(THREADS); }

/** Scratch memory that each thread has for itself. */
// @ts-ignore: decorator
@inline export function scratchBytes(): usize { return load<usize>(SCRATCH_BYTES); }

/** Takes chunks until none is left. A ticket above zero proves that the job it belongs to is still running, so its
 *  arguments (and the scratch, which may move between jobs) are in place until all its chunks are done. */
function takeChunks(id: usize): void {
  while (true) {
    const ticket = atomic.sub<i32>(TICKET, 1);
    if (ticket <= 0) return;
    const chunk = load<i32>(CHUNKS) - ticket;
    call_indirect<void>(load<u32>(FUNCTION), chunk, load<usize>(SCRATCH_BASE) + id * load<usize>(SCRATCH_BYTES));
    const chunks = load<i32>(CHUNKS);
    if (atomic.add<i32>(DONE, 1) + 1 == chunks && atomic.load<i32>(CALLER_SLEEPS) != 0) atomic.notify(DONE, 1);
  }
}

/** Runs `fn(chunk, scratch)` for chunk = 0 … chunks−1 on all threads and returns when all are done. Nested only after beginAlone. */
export function parallel(fn: (chunk: i32, scratch: usize) => void, chunks: i32): void {
  if (aloneScratch) {
    for (let chunk = 0; chunk < chunks; chunk++) fn(chunk, aloneScratch);
    return;
  }
  const scratch = load<usize>(SCRATCH_BASE);
  if (chunks <= 1 || load<i32>(THREADS) <= 1) {
    for (let chunk = 0; chunk < chunks; chunk++) fn(chunk, scratch);
    return;
  }
  store<i32>(CHUNKS, chunks);
  store<u32>(FUNCTION, fn.index);
  atomic.store<i32>(DONE, 0);
  atomic.store<i32>(TICKET, chunks);
  if (atomic.load<i32>(SLEEPERS) > 0) {
    atomic.add<i32>(EPOCH, 1);
    atomic.notify(EPOCH, -1);
  }
  takeChunks(0);
  waitForHelpers(chunks);
}

/** Spins at first; then sleeps, so that on a busy machine the core goes to the helper that is being waited for. */
function waitForHelpers(chunks: i32): void {
  for (let spins = SPINS_BEFORE_SLEEP; spins > 0; spins--) if (atomic.load<i32>(DONE) >= chunks) return;
  let before = -1, patience = PATIENCE;
  while (true) {
    if (load<i32>(MAY_SLEEP) != 0) atomic.store<i32>(CALLER_SLEEPS, 1);
    const done = atomic.load<i32>(DONE);
    if (done >= chunks) break;
    // A helper that ended in the middle of a chunk, by a trap (FAULT) or because the browser took it away.
    if (atomic.load<i32>(FAULT) != 0 || patience < 0) unreachable();
    // Woken by the last chunk; any other change of DONE, or the millisecond, only makes it look again.
    if (load<i32>(MAY_SLEEP) != 0) {
      atomic.wait<i32>(DONE, done, 1000000);
      patience = done == before ? patience - 1 : PATIENCE;
      before = done;
    }
  }
  atomic.store<i32>(CALLER_SLEEPS, 0);
}

/** What a helper thread does all its life. `id` ≥ 1; thread 0 is the caller. */
export function threadLoop(id: i32): void {
  while (atomic.load<i32>(STOP) == 0) {
    let spins = SPINS_BEFORE_SLEEP;
    while (atomic.load<i32>(TICKET) <= 0 && --spins > 0) {}
    if (spins <= 0) {
      const epoch = atomic.load<i32>(EPOCH);
      atomic.add<i32>(SLEEPERS, 1);
      if (atomic.load<i32>(TICKET) <= 0 && atomic.load<i32>(STOP) == 0) atomic.wait<i32>(EPOCH, epoch, -1);
      atomic.sub<i32>(SLEEPERS, 1);
    }
    if (atomic.load<i32>(TICKET) > 0) takeChunks(<usize>id);
  }
}
