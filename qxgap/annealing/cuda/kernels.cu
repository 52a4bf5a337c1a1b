// Turns, phases and flips of vectors of 2^(n + 1) real numbers, read as 2^n pairs.
//
// A pair is one complex amplitude, or two neighbouring elements of a real vector. A block of
// THREADS threads holds a tile of 2^TILE pairs: the lowest c bits of the index and the TILE - c
// bits from bit p on take all their values, the other ("outer") bits are fixed. So every pair is
// read and written once, in runs of 2^c neighbours, and all bits of the tile can be turned meanwhile.
//
// A thread holds 2^HELD pairs, whose numbers in the tile differ in HELD bits from a bit B on; these
// bits are turned in registers. Other bits come into the registers by an exchange through shared
// memory. REAL and REAL2 (two of them) are defined by the program that compiles this file.

#define TILE 11
#define HELD 4
#define PAIRS (1 << HELD)
#define THREADS (1 << (TILE - HELD))
#define TOP (TILE - HELD)  // the first held bit while a tile is read and written

// What a thread contributes to the number, in the tile, of its pairs, if it holds bits from B on.
template <int B>
__device__ __forceinline__ int own_part(int thread) {
    return (thread & ((1 << B) - 1)) | ((thread >> B) << (B + HELD));
}

// Where a pair of the tile lies in shared memory: neighbouring threads meet different banks. The
// slot of a number is the exclusive or of the slots of its bits.
__device__ __forceinline__ int slot(int t) { return t ^ ((t >> 4) & 7) ^ (((t >> 7) & 1) << 3); }

// Bit of the vector's index that is bit j of the tile.
__device__ __forceinline__ int index_bit(int j, int c, int p) { return j < c ? j : p + j - c; }

// Number, in the vector, of pair t of the tile with number ``outer``.
__device__ __forceinline__ long long position(int t, long long outer, int c, int p) {
    const long long below = outer & ((1LL << (p - c)) - 1), above = outer >> (p - c);
    const long long inside = (t & ((1 << c) - 1)) | ((long long)(t >> c) << p);
    return inside | (below << c) | (above << (p + TILE - c));
}

// Distances, in the vector, of the pairs that differ in one of the held bits from TOP on.
struct Strides {
    long long of_bit[HELD];
    __device__ __forceinline__ Strides(int c, int p) {
#pragma unroll
        for (int q = 0; q < HELD; ++q) of_bit[q] = 1LL << index_bit(TOP + q, c, p);
    }
    __device__ __forceinline__ long long at(int e) const {
        long long sum = 0;
#pragma unroll
        for (int q = 0; q < HELD; ++q) sum += (e >> q) & 1 ? of_bit[q] : 0;
        return sum;
    }
};

__device__ __forceinline__ REAL2 times(REAL2 a, REAL2 w) {
    REAL2 product;
    product.x = a.x * w.x - a.y * w.y;
    product.y = a.x * w.y + a.y * w.x;
    return product;
}

// Let every thread hold bits from TO on instead of bits from FROM on.
template <int FROM, int TO>
__device__ __forceinline__ void exchange(REAL2 a[PAIRS], REAL2 *shared) {
    if (FROM == TO) return;
    const int from = slot(own_part<FROM>(threadIdx.x)), to = slot(own_part<TO>(threadIdx.x));
    __syncthreads();
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) shared[from ^ slot(e << FROM)] = a[e];
    __syncthreads();
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) a[e] = shared[to ^ slot(e << TO)];
}

// Turn those of the held bits, from bit B of the tile on, that the mask names.
template <int B>
__device__ __forceinline__ void turn_held(REAL2 a[PAIRS], const REAL2 *turns, int mask, int c, int p) {
#pragma unroll
    for (int q = 0; q < HELD; ++q) {
        if (!((mask >> (B + q)) & 1)) continue;
        const REAL2 turn = turns[index_bit(B + q, c, p)];
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
// LEVEL: the lowest bit from which on bits must be held: TOP, 3 or 0. Bits below it are not turned.
// source, target: 2^n pairs for each problem (blockIdx.y); they may be the same array.
// before, after: (cosine, sine) for each bit of the index, or null.
// mask: the bits of the tile that are turned.
// swap: (cosine, sine) of the turn of the two numbers of each pair, or null.
// table: exp(-i phi E) of the tile's bits alone, [e][thread] while bits from LEVEL on are held; null
//     for no phases.
// outer_energies: E of the outer bits alone; couplings: of each bit of the tile with each outer bit.
template <int LEVEL>
__device__ __forceinline__ void turn_and_phase(
    const REAL2 *source, REAL2 *target, int n, int c, int p, int mask, const REAL2 *before,
    const REAL2 *after, const REAL2 *swap, const REAL2 *table, const double *outer_energies,
    const double *couplings, double phi) {
    __shared__ REAL2 shared[1 << TILE];
    __shared__ double field[TILE];
    __shared__ REAL2 weight[HELD];
    const long long outer = blockIdx.x, problem = blockIdx.y;
    const int thread = threadIdx.x, num_outer = n - TILE;
    const long long first = (problem << n) | position(own_part<TOP>(thread), outer, c, p);
    const Strides strides(c, p);
    const int top = mask & (-1 << TOP), middle = mask & 0x78, low = mask & 0x7;
    REAL2 a[PAIRS];
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) a[e] = source[first + strides.at(e)];
    if (table && thread < TILE) {
        double sum = 0.0;
        const double *row = couplings + (problem * TILE + thread) * num_outer;
        for (int k = 0; k < num_outer; ++k) sum += ((outer >> k) & 1) ? row[k] : 0.0;
        field[thread] = sum;
        if (thread >= LEVEL && thread < LEVEL + HELD) {
            double sine, cosine;
            sincos(-phi * sum, &sine, &cosine);
            weight[thread - LEVEL].x = (REAL)cosine;
            weight[thread - LEVEL].y = (REAL)sine;
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
        turn_held<TOP>(a, before, top, c, p);
        if (LEVEL < TOP) {
            exchange<TOP, 3>(a, shared);
            turn_held<3>(a, before, middle, c, p);
        }
        if (LEVEL < 3) {
            exchange<3, 0>(a, shared);
            turn_held<0>(a, before, low, c, p);
        }
    } else {
        exchange<TOP, LEVEL>(a, shared);
    }
    if (table) {
        if (LEVEL == TOP) __syncthreads();  // elsewhere an exchange has waited for the fields
        double energy = outer_energies[(problem << num_outer) + outer];
#pragma unroll
        for (int q = 0; q < TILE - HELD; ++q)
            energy += ((thread >> q) & 1) ? field[q < LEVEL ? q : q + HELD] : 0.0;
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
        const REAL2 *own = table + (problem << TILE) + thread;
#pragma unroll
        for (int e = 0; e < PAIRS; ++e) a[e] = times(a[e], times(common, own[e * THREADS]));
    }
    if (after) {
        if (LEVEL < 3) {
            turn_held<0>(a, after, low, c, p);
            exchange<0, 3>(a, shared);
        }
        if (LEVEL < TOP) {
            turn_held<3>(a, after, middle, c, p);
            exchange<3, TOP>(a, shared);
        }
        turn_held<TOP>(a, after, top, c, p);
    } else {
        exchange<LEVEL, TOP>(a, shared);
    }
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) target[first + strides.at(e)] = a[e];
}

#define TURN_AND_PHASE(LEVEL)                                                                     \
    extern "C" __global__ void __launch_bounds__(THREADS) turn_and_phase_##LEVEL(                 \
        const REAL2 *source, REAL2 *target, int n, int c, int p, int mask, const REAL2 *before,   \
        const REAL2 *after, const REAL2 *swap, const REAL2 *table, const double *outer_energies,  \
        const double *couplings, double phi) {                                                    \
        turn_and_phase<LEVEL>(source, target, n, c, p, mask, before, after, swap, table,          \
                              outer_energies, couplings, phi);                                    \
    }

TURN_AND_PHASE(0)
TURN_AND_PHASE(3)
TURN_AND_PHASE(7)

// Add to ``out`` the flips of the bits that the mask names, each with its weight:
//
//     out[x] = own out[x] + diagonal_factor diagonal[x] v[x] + factor sum_k weights[k] v[x ^ 2^k].
//
// weights: for each bit of the index; swap: the weight for the two numbers of each pair, or null.
// diagonal: for each number of the vector, or null. Vectors of blockIdx.y share it.
extern "C" __global__ void __launch_bounds__(THREADS, 3)
flips(const REAL2 *__restrict__ v, REAL2 *__restrict__ out, int n, int c, int p, int mask,
      const REAL *__restrict__ weights, const REAL *__restrict__ swap,
      const REAL2 *__restrict__ diagonal, double diagonal_factor, double factor, int own) {
    __shared__ REAL2 shared[1 << TILE];
    const long long first = position(own_part<TOP>(threadIdx.x), blockIdx.x, c, p);
    const long long row = (long long)blockIdx.y << n;
    const Strides strides(c, p);
    const int slots = slot(own_part<TOP>(threadIdx.x));
    REAL2 a[PAIRS], sums[PAIRS];
    REAL weight[TILE];
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) a[e] = v[row + first + strides.at(e)];
#pragma unroll
    for (int j = 0; j < TILE; ++j)
        weight[j] = (mask >> j) & 1 ? (REAL)factor * weights[index_bit(j, c, p)] : (REAL)0.0;
    const REAL swapped = swap ? (REAL)factor * *swap : (REAL)0.0;
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) shared[slots ^ slot(e << TOP)] = a[e];
    __syncthreads();
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) {
        REAL2 sum;
        sum.x = swapped * a[e].y;
        sum.y = swapped * a[e].x;
#pragma unroll
        for (int q = 0; q < HELD; ++q) {
            sum.x += weight[TOP + q] * a[e ^ (1 << q)].x;
            sum.y += weight[TOP + q] * a[e ^ (1 << q)].y;
        }
#pragma unroll
        for (int j = 0; j < TOP; ++j) {
            if (!((mask >> j) & 1)) continue;
            const REAL2 other = shared[slots ^ slot(e << TOP) ^ slot(1 << j)];
            sum.x += weight[j] * other.x;
            sum.y += weight[j] * other.y;
        }
        sums[e] = sum;
    }
    if (diagonal) {
#pragma unroll
        for (int e = 0; e < PAIRS; ++e) {
            const REAL2 energy = diagonal[first + strides.at(e)];
            sums[e].x += (REAL)diagonal_factor * energy.x * a[e].x;
            sums[e].y += (REAL)diagonal_factor * energy.y * a[e].y;
        }
    }
    if (own) {  // all reads come before the first write, so that none waits for another
#pragma unroll
        for (int e = 0; e < PAIRS; ++e) a[e] = out[row + first + strides.at(e)];
#pragma unroll
        for (int e = 0; e < PAIRS; ++e) {
            sums[e].x += a[e].x;
            sums[e].y += a[e].y;
        }
    }
#pragma unroll
    for (int e = 0; e < PAIRS; ++e) out[row + first + strides.at(e)] = sums[e];
}
