// Where trained parameters live: AdamW reads and writes four numbers per parameter, and one launch can do so for all of them if each
// kind lies in one buffer. So the first update moves parameters and moments into four such buffers (values, gradients, first and second
// moments; more of them where a binding may not be that large), and the backward pass puts gradients there as it makes them.
// To the rest of the program they stay tensors of their own: windows of a buffer.
import { type TensorInfo, util } from '@tensorflow/tfjs-core';
import type { BufferPool } from './bufferPool';

interface WindowedData {
  shape: number[];
  resource?: unknown;
  refCount: number;
  /** bytes from the start of the buffer; absent: the tensor has the buffer for itself */
  window?: { offset: number };
}

/** What the backend does for its arenas. */
export interface ArenaHost {
  pool: BufferPool;
  dataOf(dataId: object): WindowedData | undefined;
  upload(dataId: object): void;
  /** a tensor over a whole buffer that belongs to nobody */
  wholeOf(buffer: GPUBuffer, bytes: number): TensorInfo;
  forget(tensor: TensorInfo): void;
  /** holds a tensor's disposal back until the next submit */
  own(dataId: object): void;
  /** outside of any pass, behind everything launched so far */
  encoder(): GPUCommandEncoder;
  /** back into the pool after the next submit */
  releaseLater(buffer: GPUBuffer): void;
  /** likewise, for buffers of acquireExact */
  destroyLater(buffer: GPUBuffer): void;
}

const KINDS = ['p', 'grad', 'm', 'v'] as const;
type Kind = (typeof KINDS)[number];
type Whole = Record<Kind, TensorInfo> & { size: number };

interface Slot {
  arena: Arena;
  offset: number;
  bytes: number;
  /** the tensors that lie here now */
  tenants: Record<Kind, object | null>;
}

interface Arena {
  slots: Slot[];
  buffers: Record<Kind, GPUBuffer>;
  whole: Whole;
  /** tensors with a window */
  tenants: number;
}

const bytesOf = ({ shape }: { shape: number[] }) => 4 * util.sizeFromShape(shape);

export class ParameterArenas {
  private readonly windows = new Map<object, { slot: Slot; kind: Kind }>();
  private expected: Slot | null = null;

  constructor(
    private readonly device: GPUDevice,
    private readonly host: ArenaHost,
  ) {}

  expectGradientOf(dataId: object | null): void {
    const window = dataId && this.windows.get(dataId);
    this.expected = window && window.kind === 'p' ? window.slot : null;
  }

  /** Puts a tensor that has no memory yet into the window of the gradient that it looks like. */
  placeGradient(tensor: TensorInfo): void {
    const slot = this.expected;
    if (!slot || this.isAlive(slot.tenants.grad) || this.shapeOf(slot.tenants.p) !== tensor.shape.join()) return;
    this.expected = null;
    this.moveIn(tensor.dataId, slot, 'grad');
  }

  gather(lists: Record<Kind, TensorInfo[]>): Whole[] {
    for (const kind of KINDS) for (const { dataId } of lists[kind]) this.host.own(dataId);
    if (!this.areGathered(lists)) this.settle(lists);
    const slots = lists.p.map(({ dataId }) => this.slotOf(dataId));
    const arenas = [...new Set(slots.map(({ arena }) => arena))];
    return arenas.map((arena) => {
      const own = slots.flatMap((slot, i) => (slot.arena === arena ? [{ slot, grad: lists.grad[i] }] : []));
      return this.withGradients(arena, own);
    });
  }

  /** @returns false for a tensor that has its buffer for itself */
  release(dataId: object): boolean {
    const window = this.windows.get(dataId);
    const data = this.host.dataOf(dataId);
    if (!window || !data) return false;
    data.resource = null;
    data.window = undefined;
    this.moveOut(dataId);
    return true;
  }

  private shapeOf(dataId: object | null): string | undefined {
    return dataId ? this.host.dataOf(dataId)?.shape.join() : undefined;
  }

  private isAlive(dataId: object | null): boolean {
    return dataId !== null && (this.host.dataOf(dataId)?.refCount ?? 0) > 0;
  }

  private slotOf(dataId: object): Slot {
    const window = this.windows.get(dataId);
    if (!window) throw new Error('parameters: expected a tensor in an arena, got one outside. Gather them first.');
    return window.slot;
  }

  /** Do the lists name exactly what lies in some arenas? */
  private areGathered({ p, m, v }: Record<Kind, TensorInfo[]>): boolean {
    const slots = p.map(({ dataId }) => this.windows.get(dataId)?.slot);
    const isInPlace = slots.every(
      (slot, i) =>
        slot && slot.tenants.p === p[i].dataId && slot.tenants.m === m[i].dataId && slot.tenants.v === v[i].dataId,
    );
    if (!isInPlace) return false;
    const arenas = new Set(slots.map((slot) => slot?.arena));
    return [...arenas].reduce((sum, arena) => sum + (arena?.slots.length ?? 0), 0) === p.length;
  }

  /** Moves the lists' tensors into new arenas. */
  private settle({ p, m, v }: Record<Kind, TensorInfo[]>): void {
    const { limits } = this.device;
    const most = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize);
    const align = (bytes: number) =>
      Math.ceil(bytes / limits.minStorageBufferOffsetAlignment) * limits.minStorageBufferOffsetAlignment;
    for (let from = 0; from < p.length; ) {
      const offsets: number[] = [];
      let total = 0;
      while (from + offsets.length < p.length) {
        const next = align(bytesOf(p[from + offsets.length]));
        if (offsets.length > 0 && total + next > most) break;
        offsets.push(total);
        total += next;
      }
      const arena = this.build(total);
      offsets.forEach((offset, i) => {
        const at = from + i;
        const tenants = { p: null, grad: null, m: null, v: null };
        const slot: Slot = { arena, offset, bytes: bytesOf(p[at]), tenants };
        arena.slots.push(slot);
        for (const [kind, tensor] of [['p', p[at]] as const, ['m', m[at]] as const, ['v', v[at]] as const]) {
          this.copy(tensor, arena.buffers[kind], slot);
          this.leave(tensor.dataId);
          this.moveIn(tensor.dataId, slot, kind);
        }
      });
      from += offsets.length;
    }
  }

  private build(bytes: number): Arena {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const of = <T>(make: (kind: Kind) => T): Record<Kind, T> => ({
      p: make('p'),
      grad: make('grad'),
      m: make('m'),
      v: make('v'),
    });
    const buffers = of(() => this.host.pool.acquireExact(bytes, usage));
    const whole = of((kind) => this.host.wholeOf(buffers[kind], bytes));
    return { slots: [], buffers, whole: { ...whole, size: bytes / 4 }, tenants: 0 };
  }

  private copy(tensor: TensorInfo, target: GPUBuffer, slot: Slot): void {
    this.host.upload(tensor.dataId);
    const data = this.host.dataOf(tensor.dataId);
    if (!(data?.resource instanceof GPUBuffer)) throw new Error('parameters: expected a tensor in a GPU buffer.');
    const encoder = this.host.encoder();
    encoder.copyBufferToBuffer(data.resource, data.window?.offset ?? 0, target, slot.offset, slot.bytes);
  }

  /** Gradients that lie elsewhere are copied; where another tensor keeps the place of one, all are. */
  private withGradients(arena: Arena, own: { slot: Slot; grad: TensorInfo }[]): Whole {
    const strays = own.filter(({ slot, grad }) => slot.tenants.grad !== grad.dataId);
    if (strays.every(({ slot }) => !this.isAlive(slot.tenants.grad))) {
      for (const { slot, grad } of strays) this.copy(grad, arena.buffers.grad, slot);
      return arena.whole;
    }
    const bytes = 4 * arena.whole.size;
    const buffer = this.host.pool.acquireExact(bytes, arena.buffers.grad.usage);
    for (const { slot, grad } of own) this.copy(grad, buffer, slot);
    this.host.destroyLater(buffer);
    const grad = this.host.wholeOf(buffer, bytes);
    this.host.own(grad.dataId);
    this.host.forget(grad);
    return { ...arena.whole, grad };
  }

  private moveIn(dataId: object, slot: Slot, kind: Kind): void {
    const data = this.host.dataOf(dataId);
    if (!data) throw new Error('parameters: expected a tensor of this backend, got another.');
    data.resource = slot.arena.buffers[kind];
    data.window = { offset: slot.offset };
    slot.tenants[kind] = dataId;
    slot.arena.tenants++;
    this.windows.set(dataId, { slot, kind });
  }

  /** A tensor gives up the memory it had: a window, or a buffer of its own. */
  private leave(dataId: object): void {
    const data = this.host.dataOf(dataId);
    if (this.windows.has(dataId)) this.moveOut(dataId);
    else if (data?.resource instanceof GPUBuffer) this.host.releaseLater(data.resource);
  }

  private moveOut(dataId: object): void {
    const window = this.windows.get(dataId);
    if (!window) return;
    const { slot, kind } = window;
    this.windows.delete(dataId);
    if (slot.tenants[kind] === dataId) slot.tenants[kind] = null;
    if (--slot.arena.tenants > 0) return;
    for (const each of KINDS) {
      this.host.forget(slot.arena.whole[each]);
      this.host.destroyLater(slot.arena.buffers[each]);
    }
  }
}
