// Runs the kernels of kernels.cu on the processor: the threads of a block are fibers, which change
// at every __syncthreads(). KERNELS is the path of that file; REAL and REAL2 are defined, too.
#include <math.h>
#include <ucontext.h>

#include <functional>
#include <vector>

struct Index { int x, y, z; };
struct double2 { double x, y; };
struct float2 { float x, y; };

static Index threadIdx, blockIdx;
static ucontext_t scheduler, fibers[1024];
static int current;
static std::function<void()> body;
static bool finished[1024];

#define __global__
#define __device__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(...)
#define __restrict__

static void __syncthreads() { swapcontext(&fibers[current], &scheduler); }

#include KERNELS

static void fiber() {
    body();
    finished[current] = true;
    swapcontext(&fibers[current], &scheduler);
}

static void run(int blocks, int rows) {
    static std::vector<std::vector<char>> stacks(THREADS, std::vector<char>(1 << 16));
    for (int block = 0; block < blocks; ++block)
        for (int row = 0; row < rows; ++row) {
            blockIdx = {block, row, 0};
            for (int i = 0; i < THREADS; ++i) {
                getcontext(&fibers[i]);
                fibers[i].uc_stack.ss_sp = stacks[i].data();
                fibers[i].uc_stack.ss_size = stacks[i].size();
                fibers[i].uc_link = &scheduler;
                makecontext(&fibers[i], fiber, 0);
                finished[i] = false;
            }
            for (bool going = true; going;) {
                going = false;
                for (current = 0; current < THREADS; ++current) {
                    if (finished[current]) continue;
                    threadIdx = {current, 0, 0};
                    swapcontext(&scheduler, &fibers[current]);
                    going |= !finished[current];
                }
            }
        }
}

#define RUN_TURN_AND_PHASE(LEVEL)                                                                  \
    extern "C" void run_turn_and_phase_##LEVEL(                                                   \
        int blocks, int rows, const REAL2 *source, REAL2 *target, int n, int c, int p, int mask,  \
        const REAL2 *before, const REAL2 *after, const REAL2 *swap, const REAL2 *table,           \
        const double *outer_energies, const double *couplings, double phi) {                      \
        body = [=] {                                                                              \
            turn_and_phase_##LEVEL(source, target, n, c, p, mask, before, after, swap, table,     \
                                   outer_energies, couplings, phi);                               \
        };                                                                                        \
        run(blocks, rows);                                                                        \
    }

RUN_TURN_AND_PHASE(0)
RUN_TURN_AND_PHASE(3)
RUN_TURN_AND_PHASE(7)

extern "C" void run_flips(int blocks, int rows, const REAL2 *v, REAL2 *out, int n, int c, int p,
                          int mask, const REAL *weights, const REAL *swap, const REAL2 *diagonal,
                          double diagonal_factor, double factor, int own) {
    body = [=] {
        flips(v, out, n, c, p, mask, weights, swap, diagonal, diagonal_factor, factor, own);
    };
    run(blocks, rows);
}
