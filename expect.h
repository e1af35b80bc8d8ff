/*
 * Expectations of where a table sends addresses: they are read from files,
 * run against the table, and told of as TAP, the Test Anything Protocol
 * (version 13), so that prove(1) and what reads TAP understands it.
 *
 * rewrite(1), "TESTS", tells how they are written.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include "router.h"
#include "stream.h"
#include "table.h"

struct expectations;

/* No expectations yet, or NULL if there is no memory. */
struct expectations *expect_new(void);

/* Frees them. */
void expect_free(struct expectations *);

/*
 * Reads a file to its end and adds what it expects.  The name of the file goes
 * into messages, and is kept by the caller as long as the expectations.  Lines
 * with an error are told of and add nothing; that no line expects anything is
 * an error as well.  Returns 0, or -1 if the file could not be read as far as
 * its end; errno is then ENOMEM or that of the read.
 */
int expect_read(struct expectations *, struct input *, const char *file,
    const struct table_errors *);

/*
 * Runs them all by a router, and writes the outcome: a line for each, why one
 * does not hold, and the rules of the router's table that none has exercised.
 * Returns 1 if all hold, 0 if one does not, or -1 if there is no memory.
 */
int expect_run(const struct expectations *, struct router *, struct output *);

#endif
