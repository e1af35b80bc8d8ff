/*
 * Nothing is lost without a word: memory runs out at each allocation in turn,
 * and reading, writing and all else that the system does fail at each call in
 * turn, for each way that the program runs.  Then it ends in the status that
 * rewrite(1) says, with a message, and what it wrote until then is the
 * beginning of what it had to write.  A call that was cut short, interrupted
 * or would have had to wait changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "cases.h"
#include "confine.h"
#include "faults.h"
#include "program.h"

enum {
	SAME = -1,		/* no other status, and nothing else changes */
	MANY = 4,		/* calls of a kind; from here on all alike */
};

/*
 * What the program does for speed alone it can do without: a list line of which
 * it cannot tell that no rule is for it goes the way of the others.  The
 * temporary file is opened before it is known whether it will be needed.
 */
static bool
may_be_done_without(enum fault_call call)
{
	return call == FAULT_REALLOC || call == FAULT_TEXT ||
	    call == FAULT_TMPFILE;
}

static const char no_memory[] = "out of memory";

/* A call, how it fails, and what has to come of it. */
static struct fault {
	enum fault_call call;
	const char *error;
	int number;
	int status;
	unsigned long reached;
} faults[] = {
	{ FAULT_MALLOC, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_CALLOC, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_REALLOC, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_TEXT, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_REALPATH, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_MMAP, "ENOMEM", ENOMEM, SAME, 0 },
	{ FAULT_READ, "short", 0, SAME, 0 },
	{ FAULT_READ, "EINTR", EINTR, SAME, 0 },
	{ FAULT_READ, "EAGAIN", EAGAIN, SAME, 0 },
	{ FAULT_READ, "EIO", EIO, 74, 0 },
	{ FAULT_READ, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_WRITE, "short", 0, SAME, 0 },
	{ FAULT_WRITE, "EINTR", EINTR, SAME, 0 },
	{ FAULT_WRITE, "EAGAIN", EAGAIN, SAME, 0 },
	{ FAULT_WRITE, "EIO", EIO, 74, 0 },
	{ FAULT_WRITE, "EPIPE", EPIPE, 74, 0 },
	{ FAULT_WRITE, "ENOSPC", ENOSPC, 75, 0 },
	{ FAULT_WRITE, "EDQUOT", EDQUOT, 75, 0 },
	{ FAULT_CLOSE, "EINTR", EINTR, SAME, 0 },
	{ FAULT_CLOSE, "EIO", EIO, 74, 0 },
	{ FAULT_CLOSE, "EDQUOT", EDQUOT, 75, 0 },
	{ FAULT_OPEN, "EINTR", EINTR, SAME, 0 },
	{ FAULT_OPEN, "EACCES", EACCES, 66, 0 },
	{ FAULT_OPEN, "ENOMEM", ENOMEM, 75, 0 },
#if !defined(__GLIBC__) || __GLIBC_PREREQ(2, 33)
	/* In older ones these are other names for the linker. */
	{ FAULT_STAT, "EIO", EIO, SAME, 0 },
	{ FAULT_FSTAT, "EIO", EIO, SAME, 0 },
#endif
	{ FAULT_TABLE_READ, "short", 0, SAME, 0 },
	{ FAULT_TABLE_READ, "EINTR", EINTR, SAME, 0 },
	{ FAULT_TABLE_READ, "EAGAIN", EAGAIN, SAME, 0 },
	{ FAULT_TABLE_READ, "EIO", EIO, 66, 0 },
	{ FAULT_TABLE_READ, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_TABLE_PREAD, "short", 0, SAME, 0 },
	{ FAULT_TABLE_PREAD, "EINTR", EINTR, SAME, 0 },
	{ FAULT_TABLE_PREAD, "EIO", EIO, SAME, 0 },
	{ FAULT_TABLE_CLOSE, "EIO", EIO, SAME, 0 },
	{ FAULT_MKSTEMP, "EACCES", EACCES, 73, 0 },
	{ FAULT_MKSTEMP, "ENOSPC", ENOSPC, 75, 0 },
	{ FAULT_MKSTEMP, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_TMPFILE, "EMFILE", EMFILE, 74, 0 },
	{ FAULT_TMPFILE, "ENOSPC", ENOSPC, 75, 0 },
	{ FAULT_TMPFILE, "ENOMEM", ENOMEM, 75, 0 },
	{ FAULT_MADE_READ, "short", 0, SAME, 0 },
	{ FAULT_MADE_READ, "EINTR", EINTR, SAME, 0 },
	{ FAULT_MADE_READ, "EIO", EIO, 74, 0 },
	{ FAULT_MADE_READ, "end", EIO, 74, 0 },
	{ FAULT_MADE_WRITE, "short", 0, SAME, 0 },
	{ FAULT_MADE_WRITE, "EINTR", EINTR, SAME, 0 },
	{ FAULT_MADE_WRITE, "EIO", EIO, 74, 0 },
	{ FAULT_MADE_WRITE, "ENOSPC", ENOSPC, 75, 0 },
	{ FAULT_MADE_CLOSE, "EINTR", EINTR, SAME, 0 },
	{ FAULT_MADE_CLOSE, "EIO", EIO, 74, 0 },
	{ FAULT_MADE_CLOSE, "EDQUOT", EDQUOT, 75, 0 },
	{ FAULT_SEEK, "EIO", EIO, 74, 0 },
	{ FAULT_TRUNCATE, "EIO", EIO, SAME, 0 },
	{ FAULT_FCHMOD, "EINTR", EINTR, SAME, 0 },
	{ FAULT_FCHMOD, "EIO", EIO, 74, 0 },
	{ FAULT_FSYNC, "EINTR", EINTR, SAME, 0 },
	{ FAULT_FSYNC, "EIO", EIO, 74, 0 },
	{ FAULT_FSYNC, "ENOSPC", ENOSPC, 75, 0 },
	{ FAULT_RENAME, "EIO", EIO, 74, 0 },
	{ FAULT_RENAME, "ENOSPC", ENOSPC, 75, 0 },
	{ FAULT_EXPECT, "ENOMEM", ENOMEM, SAME, 0 },
	{ FAULT_CONFINE, "EFAULT", EFAULT, 71, 0 },
	{ FAULT_CONFINE, "ENOMEM", ENOMEM, 75, 0 },
};

enum { FAULTS = sizeof(faults) / sizeof(*faults) };

/* A way that the program runs. */
struct run {
	const char *const *arguments;
	struct span input;
	const char *standing;	/* what fails in any case, or NULL */
	const char *made;	/* the file that it makes, or NULL */
};

static struct fault_report *report;

/*
 * What was tried, by any run.  Memory fails alike for all that come to it by
 * the same way through the program; input and output for runs of the same
 * kind, call by call.
 */
static struct {
	uint64_t *keys;
	size_t n, size;
} tried;

static uint64_t
mix(uint64_t a, uint64_t b)
{
	a = (a ^ b) * UINT64_C(0x9e3779b97f4a7c15);
	return a ^ a >> 29;
}

/* The options that say what is read and written, and the formats. */
static uint64_t
kind_of(const struct run *run)
{
	static const char telling[] = "CIacdghiloqt";
	const char *const *a, *s;
	uint64_t kind = 0;

	for (a = run->arguments; *a != NULL; a++)
		if ((a[0][0] == '-' && a[0][1] != '\0' &&
		    strchr(telling, a[0][1]) != NULL) || (a > run->arguments &&
		    (strcmp(a[-1], "-i") == 0 || strcmp(a[-1], "-o") == 0)))
			for (s = *a; *s != '\0'; s++)
				kind = mix(kind, (unsigned char)*s);
	return mix(kind, run->standing != NULL);
}

static bool
was_tried(uint64_t key)
{
	size_t i;

	for (i = 0; i < tried.n; i++)
		if (tried.keys[i] == key)
			return true;
	tried.keys = array_grow(tried.keys, &tried.size, tried.n,
	    sizeof(*tried.keys));
	if (tried.keys == NULL)
		abort();
	tried.keys[tried.n++] = key;
	return false;
}

/* Whether this is to fail, being another thing than what was tried before. */
static bool
is_new(const struct run *run, const struct fault *f, unsigned long number,
    uint64_t way)
{
	uint64_t key = mix(way, (uint64_t)(f - faults) + 1);

	if (way == 0)
		return true;
	if (f->call > FAULT_TEXT)
		key = mix(mix(key, kind_of(run)), number < MANY ? number :
		    MANY);
	return !was_tried(key);
}

/* The folder that the runs are in which are not of a case. */
static char folder[] = "/tmp/faults.XXXXXX";

static void
map_report(void)
{
	static char name[sizeof(folder) + sizeof("/report")];
	int fd;

	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(name, sizeof(name), "%s/report", folder);
	if ((fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600)) == -1 ||
	    ftruncate(fd, sizeof(*report)) == -1 ||
	    (report = mmap(NULL, sizeof(*report), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0)) == MAP_FAILED ||
	    setenv("FAULT_REPORT", name, 1) == -1)
		abort();
	close(fd);
}

/* Removes the folder; what the program left there is told of. */
static void
remove_folder(void **state)
{
	static const char *const ours[] = { "report", "table", "compiled",
		"many", "large", "made" };
	size_t i;

	(void)state;
	assert_int_equal(chdir(folder), 0);
	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		assert_int_equal(unlink(ours[i]), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void
begin_report(bool wanted)
{
	memset(report->calls, 0, sizeof(report->calls));
	report->n = 0;
	report->wanted = wanted;
}

static struct result
run_with(const struct run *run, const char *order)
{
	char all[256];
	struct result r;

	snprintf(all, sizeof(all), "%s%s%s", order,
	    *order != '\0' && run->standing != NULL ? "," : "",
	    run->standing == NULL ? "" : run->standing);
	assert_int_equal(setenv("FAULT", all, 1), 0);
	begin_report(*order == '\0');
	r = program_run(run->arguments, run->input, WHOLE);
	unsetenv("FAULT");
	return r;
}

static bool
begins_with(const struct text *whole, const struct text *part)
{
	return part->len <= whole->len && (part->len == 0 ||
	    memcmp(whole->s, part->s, part->len) == 0);
}

/* Whether that is in what was said on standard error. */
static bool
says(const struct text *errors, const char *what)
{
	size_t len = strlen(what), i;

	for (i = 0; i + len <= errors->len; i++)
		if (memcmp(errors->s + i, what, len) == 0)
			return true;
	return false;
}

static bool
is_same(const struct result *a, const struct result *b)
{
	return a->status == b->status &&
	    span_equal(text_span(&a->output), text_span(&b->output)) &&
	    span_equal(text_span(&a->errors), text_span(&b->errors));
}

/* What is not as it has to be; NULL if all is. */
static const char *
what_is_wrong(const struct fault *f, const struct result *whole,
    const struct result *r)
{
	if (f->status == SAME || (may_be_done_without(f->call) &&
	    r->status == whole->status))
		return is_same(whole, r) ? NULL : "it is not the same";
	if (r->status != f->status)
		return "this is another status";
	if (!says(&r->errors, f->number == ENOMEM ? no_memory :
	    strerror(f->number)))
		return "it does not say why";
	if (!begins_with(&whole->output, &r->output))
		return "this is not how the output begins";
	return NULL;
}

static void
print_run(const struct run *run, const char *order, const struct result *r)
{
	size_t i;

	print_error("FAULT=%s%s%s rewrite_faults", order,
	    run->standing == NULL ? "" : ",",
	    run->standing == NULL ? "" : run->standing);
	for (i = 0; run->arguments[i] != NULL; i++)
		print_error(" '%s'", run->arguments[i]);
	print_error("\nstatus %d, errors:\n%.*s", r->status,
	    (int)r->errors.len, r->errors.len == 0 ? "" : r->errors.s);
}

/* What the file that it makes has in it; empty if there is none. */
static struct text
read_made(const struct run *run)
{
	struct text t = { 0 };

	if (run->made != NULL)
		program_read_file(run->made, &t);
	return t;
}

/* What stands in the file before. */
static void
write_made(const struct run *run)
{
	FILE *f;

	if (run->made == NULL)
		return;
	f = fopen(run->made, "w");
	assert_non_null(f);
	assert_true(fputs("old\n", f) != EOF);
	assert_int_equal(fclose(f), 0);
}

/* The file is the old one or the new one. */
static const char *
what_is_wrong_with_made(const struct run *run, const struct fault *f,
    const struct result *r, const struct text *made)
{
	const struct text old = { "old\n", 4, 4 };
	const struct text *want = f->status == SAME ? made : &old;
	struct text t = read_made(run);
	bool good = run->made == NULL ||
	    span_equal(text_span(&t), text_span(want));

	/* They only make room for all at once, of which some is written. */
	if (f->call == FAULT_FSTAT || f->call == FAULT_EXPECT ||
	    (may_be_done_without(f->call) && r->status == 0))
		good = run->made == NULL || t.len > old.len;

	text_free(&t);
	return good ? NULL : "this is not what the file has to be";
}

static int
fail_once(const struct run *run, struct fault *f, unsigned long number,
    const struct result *whole, const struct text *made)
{
	struct result r;
	const char *wrong;
	char order[64];

	snprintf(order, sizeof(order), "%s:%lu:%s", fault_names[f->call],
	    number, f->error);
	write_made(run);
	r = run_with(run, order);
	wrong = what_is_wrong(f, whole, &r);
	if (wrong == NULL)
		wrong = what_is_wrong_with_made(run, f, &r, made);
	if (report->calls[f->call] < number)
		wrong = "the call did not come to fail";
	f->reached++;
	if (wrong != NULL) {
		print_error("%s\n", wrong);
		print_run(run, order, &r);
	}
	program_free(&r);
	return wrong != NULL;
}

/* Fails all calls that were put down. */
static int
fail_all(const struct run *run, const struct result *whole,
    const struct text *made)
{
	size_t n = report->n, i, j;
	int failed = 0;

	for (i = 0; i < n; i++)
		for (j = 0; j < FAULTS; j++)
			if (faults[j].call == report->made[i].call &&
			    is_new(run, &faults[j], report->made[i].number,
			    report->made[i].way))
				failed += fail_once(run, &faults[j],
				    report->made[i].number, whole, made);
	return failed;
}

/* Runs it once whole, and once for each way to fail. */
static void
fail_each_call(const struct run *run)
{
	struct result whole;
	struct text made;
	int failed;

	write_made(run);
	whole = run_with(run, "");
	assert_int_not_equal(whole.status, FAULT_REFUSED);
	made = read_made(run);
	failed = fail_all(run, &whole, &made);
	program_free(&whole);
	text_free(&made);
	assert_int_equal(failed, 0);
}

static void
a_case(void **name)
{
	struct case_files c;

	cases_read(*name, &c);
	fail_each_call(&(struct run){ .arguments = c.arguments,
	    .input = text_span(&c.input) });
	cases_free(&c);
}

static void
write_file(const char *name, const struct text *t)
{
	FILE *f = fopen(name, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(t->s, 1, t->len, f), t->len);
	assert_int_equal(fclose(f), 0);
}

/* Makes a table of so many rules, and compiles it. */
static void
make_table(const char *name, const char *compiled, size_t rules)
{
	const char *arguments[] = { "-f", name, "-C", compiled, NULL };
	struct text t = { 0 };
	struct result r;
	size_t i;

	assert_int_equal(text_printf(&t, "/^(.)[.]r@x$/ $1@y\n"
	    "/^never@/ z\nx y\ny inbound\n"), 0);
	for (i = 0; i < rules; i++)
		assert_int_equal(text_printf(&t, "user%zu@x %zu@y\n", i, i),
		    0);
	write_file(name, &t);
	r = program_run(arguments, (struct span){ "", 0 }, WHOLE);
	assert_int_equal(r.status, 0);
	program_free(&r);
	text_free(&t);
}

/* A table, and the same compiled; a large one that is compiled. */
static void
make_tables(void **state)
{
	(void)state;
	assert_int_equal(chdir(folder), 0);
	make_table("many", "large", 4000);
	make_table("table", "compiled", 10);
}

static const char list[] = "user1@x\nj.r@x\n\"k\"@y (z), l@x\nroot\n";

static void
run_list(const char *const *arguments, const char *standing)
{
	fail_each_call(&(struct run){ .arguments = arguments,
	    .input = span_of(list), .standing = standing });
}

static void
a_table_that_is_compiled_is_old_or_new(void **state)
{
	const char *arguments[] = { "-f", "table", "-C", "made", NULL };

	(void)state;
	fail_each_call(&(struct run){ .arguments = arguments,
	    .made = "made" });
}

static void
a_compiled_table_is_mapped(void **state)
{
	const char *small[] = { "-l", "-f", "compiled", NULL };
	const char *large[] = { "-l", "-f", "large", "-v", NULL };
	const char *query[] = { "-f", "large", "-q", "user3@x", NULL };

	(void)state;
	run_list(small, NULL);
	run_list(large, NULL);
	run_list(query, NULL);
}

static void
a_compiled_table_is_read_where_it_cannot_be_mapped(void **state)
{
	const char *small[] = { "-l", "-f", "compiled", NULL };
	const char *large[] = { "-l", "-f", "large", "-v", NULL };

	(void)state;
	run_list(small, "mmap:*:ENOMEM");
	run_list(large, "mmap:*:ENOMEM");
	run_list(large, "mmap:*:ENOMEM,table_pread:*:EIO");
}

static void
a_table_is_read_where_room_was_not_made_for_all_of_it(void **state)
{
	const char *arguments[] = { "-l", "-f", "many", NULL };

	(void)state;
	run_list(arguments, "expect:*:ENOMEM");
}

/* More than is kept in memory, of some line again and again. */
static struct text
make_input(const char *before, const char *line, size_t n, const char *after)
{
	struct text t = { 0 };
	size_t i;

	assert_int_equal(text_printf(&t, "%s", before), 0);
	for (i = 0; i < n; i++)
		assert_int_equal(text_printf(&t, line, i), 0);
	assert_int_equal(text_printf(&t, "%s", after), 0);
	return t;
}

static void
run_long(const char *const *arguments, struct text input)
{
	fail_each_call(&(struct run){ .arguments = arguments,
	    .input = text_span(&input) });
	text_free(&input);
}

static void
a_long_header_is_put_aside(void **state)
{
	const char *smtp[] = { "-o", "smtp", "x=y", NULL };
	const char *original[] = { "-a", "x=y", NULL };
	const char line[] = "X-Header: %04000zu\n";
	const char to[] = "From: <f@x>\nTo: a@x\n", body[] = "\nb\n";

	(void)state;
	run_long(smtp, make_input(to, line, 80, body));
	run_long(original, make_input(to, line, 80, body));
}

static void
many_recipients_are_put_aside(void **state)
{
	const char *route[] = { "-o", "route", "x=y", NULL };
	const char *smtp[] = { "-o", "smtp", "x=y", NULL };
	const char *original[] = { "-a", "x=y", NULL };
	const char *both[] = { "-a", "-o", "smtp", "x=y", NULL };
	const char line[] = "\n a%0900zu@x,", body[] = " z@x\n\nb\n";

	(void)state;
	run_long(route, make_input("To:", line, 320, body));
	run_long(smtp, make_input("To:", line, 320, body));
	run_long(original, make_input("To:", line, 320, body));
	/* They, and the header, in several pieces. */
	run_long(both, make_input("", "To: a%0900zu@x\n", 640, "\nb\n"));
}

static void
a_session_without_a_recipient_is_put_aside(void **state)
{
	const char *arguments[] = { "-i", "smtp", "x=y", NULL };
	static const char *const ends[] = {
		"RCPT TO:<b@x>\nDATA\nTo: b@x\n\nc\n.\nQUIT\n",
		"RCPT TO:<b\n", "DATA\n.\n", "QUIT\n", "BDAT 1 LAST\nc" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		run_long(arguments, make_input("MAIL FROM:<a@x>\n",
		    "NOOP %04000zu\n", 80, ends[i]));
}

static void
a_long_line_is_kept_in_one_piece(void **state)
{
	const char *arguments[] = { "-l", "x=y", NULL };

	(void)state;
	run_long(arguments, make_input("", "a%060zu@x, ", 5000, "b@x\n"));
}

static void
help_and_version_are_whole(void **state)
{
	const char *help[] = { "--help", NULL };
	const char *version[] = { "--version", NULL };

	(void)state;
	fail_each_call(&(struct run){ .arguments = help });
	fail_each_call(&(struct run){ .arguments = version });
}

/* Runs it once with that fault. */
static struct result
run_list_with(const char *fault)
{
	const char *arguments[] = { "-l", "x=y", NULL };

	return run_with(&(struct run){ .arguments = arguments,
	    .input = span_of(list) }, fault);
}

static void
assert_fails(const char *fault, int status, const char *why)
{
	struct result r = run_list_with(fault);

	assert_int_equal(r.status, status);
	assert_true(says(&r.errors, why));
	program_free(&r);
}

static void
a_wait_that_is_interrupted_goes_on(void **state)
{
	struct result whole = run_list_with("");
	struct result r = run_list_with("read:1:EAGAIN,poll:1:EINTR");

	(void)state;
	assert_true(is_same(&whole, &r));
	assert_int_equal(report->calls[FAULT_POLL], 1);
	program_free(&r);
	r = run_list_with("write:1:EAGAIN,poll:1:EINTR");
	assert_true(is_same(&whole, &r));
	assert_int_equal(report->calls[FAULT_POLL], 1);
	program_free(&r);
	program_free(&whole);
}

static void
a_wait_that_fails_is_an_error(void **state)
{
	(void)state;
	assert_fails("read:1:EAGAIN,poll:1:EIO", 74, strerror(EIO));
	assert_fails("read:1:EAGAIN,poll:1:ENOMEM", 75, no_memory);
	assert_fails("write:1:EAGAIN,poll:1:EIO", 74, strerror(EIO));
}

static void
the_first_of_two_faults_counts(void **state)
{
	const char *compile[] = { "-f", "table", "-C", "made", NULL };
	struct result r;

	(void)state;
	assert_fails("write:1:ENOSPC,read:2:EIO", 74, strerror(EIO));
	r = run_with(&(struct run){ .arguments = compile },
	    "made_write:1:EIO,made_close:1:ENOSPC");
	assert_int_equal(r.status, 74);
	assert_true(says(&r.errors, strerror(EIO)));
	program_free(&r);
}

/* Then a file that is opened could stand where standard input was. */
static void
nothing_runs_where_a_closed_descriptor_cannot_be_held(void **state)
{
	const char *arguments[] = { "-l", "x=y", NULL };
	FILE *err = program_temporary((struct span){ NULL, 0 });
	struct text errors = { 0 };
	char block[256];
	size_t n;

	(void)state;
	begin_report(false);
	assert_int_equal(setenv("FAULT", "open:1:EACCES", 1), 0);
	assert_int_equal(program_wait(program_start(arguments, -1, fileno(err),
	    fileno(err), -1)), 71);
	unsetenv("FAULT");
	rewind(err);
	while ((n = fread(block, 1, sizeof(block), err)) > 0)
		assert_int_equal(text_add(&errors, block, n), 0);
	assert_true(says(&errors, "/dev/null"));
	assert_true(says(&errors, strerror(EACCES)));
	text_free(&errors);
	fclose(err);
}

static void
all_may_be_read_and_written_by_halves(void **state)
{
	struct result whole = run_list_with("");
	struct result r = run_list_with("read:*:short,write:*:short");

	(void)state;
	assert_true(is_same(&whole, &r));
	assert_true(report->calls[FAULT_WRITE] > 3);
	program_free(&r);
	program_free(&whole);
}

/* Whether it asks the kernel for it, as Linux alone is asked by prctl(2). */
static bool
asks_to_be_confined(struct result *whole)
{
	*whole = run_list_with("");
	return report->calls[FAULT_PRCTL] > 0;
}

static void
assert_goes_on(const struct result *whole, const char *fault, size_t asked)
{
	struct result r = run_list_with(fault);

	assert_true(is_same(whole, &r));
	assert_int_equal(report->calls[FAULT_PRCTL], asked);
	program_free(&r);
}

static void
an_older_kernel_and_one_that_forbids_it_need_not_confine(void **state)
{
	struct result whole;
	bool asks = asks_to_be_confined(&whole);

	(void)state;
	if (asks) {
		assert_goes_on(&whole, "syscall:1:ENOSYS", 2);
		assert_goes_on(&whole, "syscall:1:EINVAL,prctl:2:EINVAL", 2);
		assert_goes_on(&whole, "prctl:1:EPERM", 1);
	}
	program_free(&whole);
	if (!asks)
		skip();
}

static void
nothing_runs_where_confining_fails(void **state)
{
	struct result whole;
	bool asks = asks_to_be_confined(&whole);

	(void)state;
	program_free(&whole);
	if (!asks)
		skip();
	assert_fails("prctl:1:EFAULT", 71, strerror(EFAULT));
	assert_fails("syscall:1:ENOMEM,prctl:2:ENOMEM", 75, no_memory);
	assert_int_equal(report->calls[FAULT_READ], 0);
}

/* A fault that no run came to proves nothing. */
static void
each_fault_was_reached(void **state)
{
	size_t i;
	int missing = 0;

	(void)state;
	for (i = 0; i < FAULTS; i++)
		if (faults[i].reached == 0) {
			print_error("no run came to %s:%s\n",
			    fault_names[faults[i].call], faults[i].error);
			missing++;
		}
	assert_int_equal(missing, 0);
}

static struct CMUnitTest *
all_tests(char **names, size_t n, size_t *all)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(make_tables),
		cmocka_unit_test(a_table_that_is_compiled_is_old_or_new),
		cmocka_unit_test(a_compiled_table_is_mapped),
		cmocka_unit_test(
		    a_compiled_table_is_read_where_it_cannot_be_mapped),
		cmocka_unit_test(
		    a_table_is_read_where_room_was_not_made_for_all_of_it),
		cmocka_unit_test(a_long_header_is_put_aside),
		cmocka_unit_test(many_recipients_are_put_aside),
		cmocka_unit_test(a_session_without_a_recipient_is_put_aside),
		cmocka_unit_test(a_long_line_is_kept_in_one_piece),
		cmocka_unit_test(help_and_version_are_whole),
		cmocka_unit_test(a_wait_that_is_interrupted_goes_on),
		cmocka_unit_test(a_wait_that_fails_is_an_error),
		cmocka_unit_test(the_first_of_two_faults_counts),
		cmocka_unit_test(
		    nothing_runs_where_a_closed_descriptor_cannot_be_held),
		cmocka_unit_test(all_may_be_read_and_written_by_halves),
		cmocka_unit_test(
		    an_older_kernel_and_one_that_forbids_it_need_not_confine),
		cmocka_unit_test(nothing_runs_where_confining_fails),
		cmocka_unit_test(each_fault_was_reached),
		cmocka_unit_test(remove_folder),
	};
	enum { OTHERS = sizeof(others) / sizeof(*others) };
	struct CMUnitTest *tests = calloc(n + OTHERS, sizeof(*tests));
	size_t i;

	if (tests == NULL)
		abort();
	for (i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){ names[i], a_case, NULL, NULL,
			names[i] };
	memcpy(tests + n, others, sizeof(others));
	*all = n + OTHERS;
	return tests;
}

/* The build of the program that fails, if there is one. */
static bool
find_program(const char *test)
{
	const char *slash = strrchr(test, '/');
	char name[4096];

	snprintf(name, sizeof(name), "%.*s/rewrite_faults",
	    slash == NULL ? 1 : (int)(slash - test),
	    slash == NULL ? "." : test);
	program_find_as(test, "rewrite_faults");
	return access(name, X_OK) == 0;
}

int
main(int argc, char **argv)
{
	struct CMUnitTest *tests;
	char **names;
	size_t n, all;
	int failed;

	(void)argc;
	if (!find_program(argv[0])) {
		printf("SKIPPED: no call was made to fail, as this linker "
		    "does not know --wrap\n");
		return 0;
	}
	n = cases_find(argv[0], &names);
	map_report();
	tests = all_tests(names, n, &all);
	failed = _cmocka_run_group_tests("faults", tests, all, NULL, NULL);
	while (n > 0)
		free(names[--n]);
	free(names);
	free(tests);
	return failed;
}
