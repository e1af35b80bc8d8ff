/* Runs the program as a user would, and says what came of it. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdio.h>
#include <sys/types.h>

#include "text.h"

struct result {
	struct text output;
	struct text errors;
	int status;		/* of exit; 128 and more: ended by a signal */
};

/* How the program gets its input. */
enum feed {
	WHOLE,			/* from a file */
	BY_BYTE,		/* every read gets one byte */
	IN_PIECES		/* every read gets some, the same each time */
};

/*
 * Runs the program in the folder that is current, with arguments that end in
 * NULL.  Fails the test if that cannot be done.  The result has to be freed.
 */
struct result program_run(const char *const *arguments, struct span input,
    enum feed);
void program_free(struct result *);

/*
 * Only starts it, with these descriptors for its input, output and errors; -1:
 * closed.  The last one, or -1, is of ours and not to be open in it.
 */
pid_t program_start(const char *const *arguments, int in, int out, int err,
    int hidden);

/* Waits for it; as in struct result. */
int program_wait(pid_t);

/* A file with that content, from its beginning; it is gone when closed. */
FILE *program_temporary(struct span content);

/* All of a file, appended; false if there is no such file. */
bool program_read_file(const char *path, struct text *);

/*
 * Finds the program from the folder of the test, or another build of it, of
 * that name there; one of these is to be called first.
 */
void program_find(const char *test);
void program_find_as(const char *test, const char *name);

#endif
