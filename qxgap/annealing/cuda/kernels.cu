// Turns, phases and flips of vectors of 2^(n + 1) real numbers, read as 2^n pairs.
//
// A pair is one complex amplitude, or two neighbouring elements of a real vector. A block of
// THREADS threads holds a tile of 2^TILE pairs: the lowest c bits of the index and the TILE - c
// bits from bit p on take all their values, the other ("outer") bits are fixed. So every pair is
// read and written once, in runs of 2^c neighbours, and all bits of the tile can be turned meanwhile.
//
// A thread holds 2^HELD pairs, whose index differs in HELD bits from bit b on; these bits are turned
// in registers. Other bits come into the registers by an exchange through shared memory. REAL and
// REAL2 (two of them) are defined by the program that compiles this file.

#define TILE 11
#define HELD 4
#define PAIRS (1 << HELD)
#define THREADS (1 << (TILE - HELD))

// Number, in the tile, of the pair that a thread holds in place e, if it holds bits from b on.
__device__ __forceinline__ int place(int thread, int e, int b) {
    return (thread & ((1 << b) - 1)) | (e << b) | ((thread >> b) << (b + HELD));
}

// Where a pair of the tile lies in shared memory: neighbouring threads meet different banks.
__device__ __forceinline__ int slot(int t) {
    return t ^ ((t >> 4) & 7) ^ (((t >> 7) & 1) << 3);
}

// Bit of the vector's index that is bit j of the tile.
__device__ __forceinline__ int index_bit(int j, int c, int p) { return j < c ? j : p + j - c; }

// Number, in the vector, of pair t of the tile with number ``outer``.
__device__ __forceinline__ long long position(int t, long long outer, int c, int p) {
    const long long below = outer & ((1LL << (p - c)) - 1), above = outer >> (p - c);
    const long long inside = (t & ((1 << c) - 1)) | ((long long)(t >> c) << p);
    return inside | (below << c) | (above << (p + TILE - c));
}

__device__ __forceinline__ REAL2 times(REAL2 a, REAL2 w) {
    REAL2 product;
    product.x = a.x * w.x - a.y * w.y;
    product.y = a.x * w.y + a.y * w.x;
    return product;
}

// Let every thread hold bits from ``to`` on instead of bits from ``from`` on.
__device__ __forceinline__ void exchange(REAL2 a[PAIRS], REAL2 *shared, int from, int to) {
    if (from == to) return;
    __syncthreads();
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) shared[slot(place(threadIdx.x, e, from))] = a[e];
    __syncthreads();
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) a[e] = shared[slot(place(threadIdx.x, e, to))];
}

// Turn those of the held bits, from bit b of the tile on, that the mask names.
__device__ __forceinline__ void turn_held(REAL2 a[PAIRS], const REAL2 *turns, int mask, int b, int c,
                                          int p) {
#pragma unroll
    for (int q = 0; q < HELD; ++q) {
        if (!((mask >> (b + q)) & 1)) continue;
        const REAL2 turn = turns[index_bit(b + q, c, p)];
#pragma unroll
        for (int e = 0; e < PAIRS; ++e) {
            if (e & (1 << q)) continue;
            const REAL2 low = a[e], high = a[e | (1 << q)];
            a[e].x = turn.x * low.x - turn.y * high.x;
            a[e].y = turn.x * low.y - turn.y * high.y;
            a[e | (1 << q)].x = turn.y * low.x + turn.x * high.x;
            a[e | (1 << q)].y = turn.y * low.y + turn.x * high.y;
        }
    }
}

// Turn bits of the tile, then multiply by exp(-i phi E), then turn bits again, in one pass.
//
// source, target: 2^n pairs for each problem (blockIdx.y); they may be the same array.
// before, after: (cosine, sine) for each bit of the index, or null.
// mask: the bits of the tile that are turned.
// swap: (cosine, sine) of the turn of the two numbers of each pair, or null.
// table: exp(-i phi E) of the tile's bits alone, [e][thread] while bits from 0 on are held, or null.
// outer_energies: E of the outer bits alone; couplings: of each bit of the tile with each outer bit.
extern "C" __global__ void __launch_bounds__(THREADS)
turn_and_phase(const REAL2 *source, REAL2 *target, int n, int c, int p, int mask,
               const REAL2 *before, const REAL2 *after, const REAL2 *swap, const REAL2 *table,
               const double *outer_energies, const double *couplings, double phi) {
    __shared__ REAL2 shared[1 << TILE];
    __shared__ double field[TILE];
    __shared__ REAL2 weight[HELD];
    const long long outer = blockIdx.x, problem = blockIdx.y;
    const int thread = threadIdx.x, num_outer = n - TILE;
    REAL2 a[PAIRS];
    int b = TILE - HELD;
    source += problem << n;
    target += problem << n;
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) a[e] = source[position(place(thread, e, TILE - HELD), outer, c, p)];
    if (table && thread < TILE) {
        double sum = 0.0;
        const double *row = couplings + (problem * TILE + thread) * num_outer;
        for (int k = 0; k < num_outer; ++k) sum += ((outer >> k) & 1) ? row[k] : 0.0;
        field[thread] = sum;
        if (thread < HELD) {
            double sine, cosine;
            sincos(-phi * sum, &sine, &cosine);
            weight[thread].x = (REAL)cosine;
            weight[thread].y = (REAL)sine;
        }
    }
    if (swap) {
        const REAL2 turn = *swap;
#pragma unroll
        for (int e = 0; e < PAIRS; ++e) {
            const REAL2 pair = a[e];
            a[e].x = turn.x * pair.x - turn.y * pair.y;
            a[e].y = turn.y * pair.x + turn.x * pair.y;
        }
    }
    if (before) {
        turn_held(a, before, mask, b, c, p);
        if (mask & 0x78) {
            exchange(a, shared, b, 3);
            b = 3;
            turn_held(a, before, mask & 0x78, b, c, p);
        }
        if (mask & 0x7) {
            exchange(a, shared, b, 0);
            b = 0;
            turn_held(a, before, mask & 0x7, b, c, p);
        }
    }
    if (table) {
        exchange(a, shared, b, 0);
        b = 0;
        double energy = outer_energies[(problem << num_outer) + outer];
#pragma unroll
        for (int q = 0; q < TILE - HELD; ++q) energy += ((thread >> q) & 1) ? field[HELD + q] : 0.0;
        double sine, cosine;
        sincos(-phi * energy, &sine, &cosine);
        REAL2 common;
        common.x = (REAL)cosine;
        common.y = (REAL)sine;
#pragma unroll
        for (int q = 0; q < HELD; ++q) {
#pragma unroll
            for (int e = 0; e < PAIRS; ++e)
                if (e & (1 << q)) a[e] = times(a[e], weight[q]);
        }
        const REAL2 *own = table + (problem << TILE);
#pragma unroll
        for (int e = 0; e < PAIRS; ++e) a[e] = times(a[e], times(common, own[e * THREADS + thread]));
    }
    if (after) {
        if (mask & 0x7) {
            exchange(a, shared, b, 0);
            b = 0;
            turn_held(a, after, mask & 0x7, b, c, p);
        }
        if (mask & 0x78) {
            exchange(a, shared, b, 3);
            b = 3;
            turn_held(a, after, mask & 0x78, b, c, p);
        }
        exchange(a, shared, b, TILE - HELD);
        b = TILE - HELD;
        turn_held(a, after, mask, b, c, p);
    }
    exchange(a, shared, b, TILE - HELD);
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) target[position(place(thread, e, TILE - HELD), outer, c, p)] = a[e];
}

// Add to ``out`` the flips of the bits that the mask names, each with its weight:
//
//     out[x] = own out[x] + diagonal_factor diagonal[x] v[x] + factor sum_k weights[k] v[x ^ 2^k].
//
// weights: for each bit of the index; swap: the weight for the two numbers of each pair, or null.
// diagonal: for each number of the vector, or null. Vectors of blockIdx.y share it.
extern "C" __global__ void __launch_bounds__(THREADS)
flips(const REAL2 *v, REAL2 *out, int n, int c, int p, int mask, const REAL *weights,
      const REAL *swap, const REAL2 *diagonal, double diagonal_factor, double factor, int own) {
    __shared__ REAL2 shared[1 << TILE];
    const long long outer = blockIdx.x, row = blockIdx.y;
    const int thread = threadIdx.x, first = TILE - HELD;
    REAL2 a[PAIRS];
    v += row << n;
    out += row << n;
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) {
        a[e] = v[position(place(thread, e, first), outer, c, p)];
        shared[slot(place(thread, e, first))] = a[e];
    }
    __syncthreads();
    const REAL swapped = swap ? *swap : (REAL)0.0;
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) {
        const int t = place(thread, e, first);
        REAL2 sum;
        sum.x = swapped * a[e].y;
        sum.y = swapped * a[e].x;
#pragma unroll
        for (int j = 0; j < TILE; ++j) {
            if (!((mask >> j) & 1)) continue;
            const REAL weight = weights[index_bit(j, c, p)];
            const int held = j < first ? 0 : 1 << (j - first);
            const REAL2 other = held ? a[e ^ held] : shared[slot(t ^ (1 << j))];
            sum.x += weight * other.x;
            sum.y += weight * other.y;
        }
        const long long x = position(t, outer, c, p);
        REAL2 result;
        result.x = (REAL)factor * sum.x;
        result.y = (REAL)factor * sum.y;
        if (diagonal) {
            result.x += (REAL)diagonal_factor * diagonal[x].x * a[e].x;
            result.y += (REAL)diagonal_factor * diagonal[x].y * a[e].y;
        }
        if (own) {
            const REAL2 before = out[x];
            result.x += before.x;
            result.y += before.y;
        }
        out[x] = result;
    }
}
