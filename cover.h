/*
 * Which rules take all that the pattern of another one matches, so that no
 * address comes under it.
 */
#ifndef COVER_H
#define COVER_H

#include "router.h"

/* The rules, one or two, that take it all. */
struct cover {
	uint32_t rules[2];
	size_t count;		/* 0: some address comes under the rule */
};

/*
 * Sets *cover to what covers a rule of a finished table.  This is exact but
 * for regular expressions: they cover nothing, and nothing covers them.  The
 * text is room to work in.  Returns 0, or -1 if there is no memory.
 */
int cover_find(const struct rules *, const struct router_options *,
    uint32_t rule, struct text *, struct cover *);

#endif
