/** Something that happens at an instant of virtual time; `order` breaks ties by age. */
export type SimulatedEvent = {
  readonly atMs: number;
  readonly order: number;
  readonly name: string;
  readonly run: () => void;
};

/** What is still to happen, earliest first. */
export type EventQueue = {
  push(atMs: number, name: string, run: () => void): void;
  pop(): SimulatedEvent | undefined;
  readonly size: number;
};

/** An empty queue: a binary heap. */
export function createEventQueue(): EventQueue {
  const heap: SimulatedEvent[] = [];
  let pushed = 0;
  return {
    push: (atMs, name, run) => {
      heap.push({ atMs, order: pushed++, name, run });
      siftUp(heap, heap.length - 1);
    },
    pop: () => popFrom(heap),
    get size() {
      return heap.length;
    },
  };
}

function popFrom(heap: SimulatedEvent[]): SimulatedEvent | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first !== undefined && last !== undefined && first !== last) {
    heap[0] = last;
    siftDown(heap);
  }
  return first;
}

function siftUp(heap: SimulatedEvent[], from: number): void {
  let position = from;
  while (position > 0) {
    const parent = (position - 1) >> 1;
    if (!swapIfLater(heap, parent, position)) {
      return;
    }
    position = parent;
  }
}

function siftDown(heap: SimulatedEvent[]): void {
  let position = 0;
  for (;;) {
    const left = 2 * position + 1;
    const smaller = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!swapIfLater(heap, position, smaller)) {
      return;
    }
    position = smaller;
  }
}

/** Swaps the two when the lower one is due first; false when they stand right. */
function swapIfLater(heap: SimulatedEvent[], upper: number, lower: number): boolean {
  const above = heap[upper];
  const below = heap[lower];
  if (above === undefined || below === undefined || !isBefore(below, above)) {
    return false;
  }
  heap[upper] = below;
  heap[lower] = above;
  return true;
}

function isBefore(a: SimulatedEvent | undefined, b: SimulatedEvent | undefined): boolean {
  if (a === undefined || b === undefined) {
    return false;
  }
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
