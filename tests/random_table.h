/*
 * Small tables made at random, over few labels and local parts, so that their
 * rules meet; and all addresses over an alphabet that has a label and local
 * parts that no such table names.
 */
#ifndef RANDOM_TABLE_H
#define RANDOM_TABLE_H

#include "router.h"
#include "table.h"

/* The numbers that follow from a seed are always the same. */
void random_begin(uint32_t seed);

/* A number below n. */
uint32_t random_below(uint32_t n);

/* What may stand in the rules. */
struct random_table {
	uint32_t most;		/* rules */
	bool globs;		/* local parts with '*' */
	bool captures;		/* $1 and the like in targets */
	/*
	 * Targets that make addresses longer, again and again where they come
	 * round: user+detail often, and captures next to which more stands.
	 */
	bool growing;
};

/* Appends the lines of a table, each with one rule. */
void random_table(struct text *, const struct random_table *);

/* Appends one such line. */
void random_rule(struct text *, const struct random_table *);

/* The rules of what is read there, named "t", to be freed by the caller. */
struct rules *read_rules_from(int fd, const struct table_errors *);

/* The same of a text. */
struct rules *read_rules(struct span table, const struct table_errors *);

/*
 * The rules of a text, to be freed by the caller; lines that contradict
 * others are left out, and counted if the count is not NULL.
 */
struct rules *random_rules(struct span table, size_t *left_out);

enum { RANDOM_LOCALS = 17, RANDOM_DOMAINS = 41 };

/*
 * The local parts and domains of the alphabet, by numbers from 0; the first
 * domain is empty.  The string is valid until the next call.
 */
const char *random_local(size_t n);
const char *random_domain(size_t n);

#endif
