/*
 * What the targets of the fuzzer share: to say that something does not hold,
 * and a count of the work that is done.
 *
 * For the count some functions are wrapped by the linker (--wrap, see the
 * Makefile).
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>

#include "text.h"

/* Says what does not hold, and stops, unless it does. */
void fuzz_check(bool holds, const char *what);

/* The same for two texts, which have to be equal; shows where they differ. */
void fuzz_check_same(struct span, struct span, const char *what);

/*
 * The work so far: each step of the program from one branch to the next, and
 * each eight bytes that are searched or moved, is one.
 */
extern unsigned long long fuzz_work;

/*
 * That the work since it was begun is no more than linear in the bytes that
 * were read and written.
 */
void fuzz_check_work(unsigned long long begun, size_t bytes,
    unsigned long long fixed, unsigned long long per_byte);

#endif
