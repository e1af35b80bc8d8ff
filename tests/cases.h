/* The folders of tests/cases; what is in one, tests/README says. */
#ifndef CASES_H
#define CASES_H

#include <stddef.h>

#include "text.h"

enum { CASES_MOST_ARGUMENTS = 256 };

struct case_files {
	const char *arguments[CASES_MOST_ARGUMENTS + 1];	/* NULL ends */
	struct text input;
	struct text output;
	struct text errors;
	int status;
	struct text lines;	/* that the arguments are in */
};

/*
 * Goes to the folder that they are in, from that of the test, and finds their
 * names, in order; each has to be freed, and the array.  The number of them.
 */
size_t cases_find(const char *test, char ***names);

/* Goes to the folder of one, and reads it; it has to be freed. */
void cases_read(const char *name, struct case_files *);
void cases_free(struct case_files *);

#endif
