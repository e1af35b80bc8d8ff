/*
 * The reader "smtp": batch SMTP (RFC 2442, RFC 5321), any number of
 * transactions.
 *
 * The first line says how lines end, in CR and LF or in LF alone.  Where it
 * is CR and LF, a bare LF or CR ends no line: it can neither end the data nor
 * begin a command.  A command that cannot be read goes through as it is.
 */
#ifndef READ_SMTP_H
#define READ_SMTP_H

#include "filter.h"
#include "stream.h"

/* As read_message(); recipients names the fields in the data. */
int read_smtp(struct input *, struct filter *, const char *recipients);

#endif
