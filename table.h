/*
 * How a table is written: its lines, or the arguments that stand for lines,
 * are read into rules.  rewrite(5) is the reference.
 */
#ifndef TABLE_H
#define TABLE_H

#include "rules.h"
#include "stream.h"

/* Is told of each error in a table; the line is counted from 1. */
struct table_errors {
	void (*say)(void *with, const char *file, size_t line,
	    struct span message);
	void *with;
};

/*
 * Reads a table to its end and adds its rules.  The name of the file goes
 * into messages.  Lines with an error are told of and add nothing.  Returns
 * 0, or -1 if the table could not be read as far as its end; errno is then
 * ENOMEM, EFBIG (it is too large for one table), or that of the read.
 */
int table_read(struct rules *, struct input *, const char *file,
    const struct table_errors *);

/*
 * Adds the rule that one line says, with all that continues it in it.  Its
 * number and the name of the file go into messages.  As table_read().
 */
int table_read_line(struct rules *, struct span line, size_t number,
    const char *file, const struct table_errors *);

/* Whether this is a keyword in a route, as "inbound", and so no domain. */
bool table_is_keyword(struct span);

/*
 * Adds the rule that is the nth argument (counted from 1) of a command line:
 * "SENT-TO=ROUTE", or with blanks in it (but for those in the text of a
 * reject) a line of a table.  As table_read().
 */
int table_read_argument(struct rules *, const char *argument, size_t n,
    const struct table_errors *);

#endif
