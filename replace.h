/*
 * Puts a file in the place of another, so that whoever opens it finds either
 * the old one or all of the new one.
 */
#ifndef REPLACE_H
#define REPLACE_H

#include "text.h"

/*
 * Writes a file of that name, by way of one beside it that is not left behind
 * if it fails, with the permissions of the old one, if there is one.  0, or
 * -1, with errno; *created tells whether it got as far as to write.
 */
int replace_file(const char *name, struct span content, bool *created);

#endif
