/*
 * All that a table says, as text: to compare what was read in two ways.
 */
#ifndef SHOW_H
#define SHOW_H

#include "router.h"
#include "ways.h"

/* Appends each rule, part by part. */
void show_rules(const struct rules *, struct text *);

/*
 * Appends where addresses go that some of the rules are for, each by all the
 * rules that it passes.
 */
void show_ways(const struct rules *, const struct router_options *,
    struct text *);

/* For table_errors: appends each error to the text that is its with. */
void show_error(void *text, const char *file, size_t line,
    struct span message);

#endif
