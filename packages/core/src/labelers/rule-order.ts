/** Groups of vertices that reach each other, each group before the groups that its edges lead to.
 *  R. E. Tarjan (1972), Depth-first search and linear graph algorithms, doi:10.1137/0201010. O(vertices + edges).
 *  @param edges per vertex, where its edges lead */
export function components(edges: readonly (readonly number[])[]): number[][] {
  const found: number[][] = [];
  const order = new Int32Array(edges.length).fill(-1);
  const low = new Int32Array(edges.length);
  const onStack = new Uint8Array(edges.length);
  const stack: number[] = [];
  let time = 0;
  const visit = (vertex: number): void => {
    order[vertex] = low[vertex] = time++;
    stack.push(vertex);
    onStack[vertex] = 1;
    for (const next of edges[vertex]) {
      if (order[next] < 0) {
        visit(next);
        low[vertex] = Math.min(low[vertex], low[next]);
      } else if (onStack[next] === 1) low[vertex] = Math.min(low[vertex], order[next]);
    }
    if (low[vertex] !== order[vertex]) return;
    const component = stack.splice(stack.lastIndexOf(vertex));
    for (const member of component) onStack[member] = 0;
    found.push(component);
  };
  edges.forEach((_, vertex) => {
    if (order[vertex] < 0) visit(vertex);
  });
  return found.reverse();
}

/** A way from a vertex of the component back to it, shortest first found; undefined where the component has no cycle. */
export function cycleIn(component: readonly number[], edges: readonly (readonly number[])[]): number[] | undefined {
  const [start] = component;
  const inside = new Set(component);
  const from = new Map<number, number>();
  const queue = [start];
  for (const vertex of queue) {
    for (const next of edges[vertex]) {
      if (next === start) {
        const way = [start];
        for (let at = vertex; at !== start; at = from.get(at) as number) way.unshift(at);
        return [start, ...way];
      }
      if (!inside.has(next) || from.has(next)) continue;
      from.set(next, vertex);
      queue.push(next);
    }
  }
  return undefined;
}
