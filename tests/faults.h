/*
 * Faults to order.  A second build of the program, rewrite_faults, calls these
 * functions of the C library through faults.c, which the linker puts before
 * them (--wrap), and which makes a call fail that FAULT names:
 *
 *	FAULT=CALL:NUMBER:ERROR[,...]
 *
 * CALL is one of the names below, NUMBER counts its calls from 1, or is "*"
 * for all of them, and ERROR is the name of an errno, or "short": the call
 * then reads or writes half of what it is to, and one byte at least; or "end",
 * if it reads: there is nothing more.
 *
 * FAULT_REPORT names a file, of the size of fault_report, that is mapped: it
 * holds which were called, and how often.
 */
#ifndef FAULTS_H
#define FAULTS_H

#include <stdint.h>

/*
 * Most calls of text_add() and the like find room in the memory that there is,
 * by chance; FAULT_TEXT makes them fail as if there were none.  So do those
 * that add rules, once room was made for all, which FAULT_EXPECT leaves out.
 * Of calls with a descriptor: those for standard input and output, for files
 * that are read, such as tables, and for files that the program has made.
 */
enum fault_call {
	FAULT_MALLOC,
	FAULT_CALLOC,
	FAULT_REALLOC,
	FAULT_MMAP,
	FAULT_TEXT,
	FAULT_REALPATH,
	FAULT_READ,
	FAULT_WRITE,
	FAULT_CLOSE,
	FAULT_POLL,
	FAULT_OPEN,
	FAULT_STAT,
	FAULT_FSTAT,
	FAULT_TABLE_READ,
	FAULT_TABLE_PREAD,
	FAULT_TABLE_CLOSE,
	FAULT_MKSTEMP,
	FAULT_TMPFILE,
	FAULT_MADE_READ,
	FAULT_MADE_WRITE,
	FAULT_MADE_CLOSE,
	FAULT_SEEK,
	FAULT_TRUNCATE,
	FAULT_FCHMOD,
	FAULT_FSYNC,
	FAULT_RENAME,
	FAULT_EXPECT,
	FAULT_CONFINE,
	FAULT_PRCTL,
	FAULT_SYSCALL,
	FAULT_CALLS
};

static const char *const fault_names[FAULT_CALLS] = {
	"malloc", "calloc", "realloc", "mmap",
	"text", "realpath", "read", "write", "close", "poll", "open", "stat",
	"fstat", "table_read", "table_pread", "table_close", "mkstemp",
	"tmpfile", "made_read", "made_write", "made_close", "seek", "truncate",
	"fchmod", "fsync", "rename", "expect", "confine", "prctl", "syscall"
};

enum {
	FAULT_MOST_CALLS = 64 * 1024,
	FAULT_UNKNOWN_WAYS = 1000,	/* see below */
	FAULT_REFUSED = 99	/* status, if FAULT is not as it has to be */
};

/*
 * Calls for memory are put down once for each way that they are come to by;
 * where ways are not known, so many of each call.
 */

struct fault_report {
	unsigned long calls[FAULT_CALLS];
	unsigned long wanted;	/* whether the calls are to be put down */
	unsigned long n;	/* how many are */
	struct {
		uint32_t call;
		uint32_t number;	/* which one of its kind */
		uint64_t way;	/* by which it was come to, 0 if not known */
	} made[FAULT_MOST_CALLS];
};

#endif
