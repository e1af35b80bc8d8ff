#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "expect.h"
#include "lines.h"
#include "names.h"
#include "query.h"
#include "write_route.h"

enum { SHOWN = 80 };		/* bytes of a file that a message quotes */

/* A line that was found right: where it ends in the text, and its origin. */
struct entry {
	size_t end;
	const char *file;
	size_t line;
};

/*
 * The lines are kept, and parsed again when they are run: parsed ones would
 * take several times the memory.
 */
struct expectations {
	struct text text;
	struct entry *entries;
	size_t n_entries, size_entries;
};

/* An address that the mail is to end as, and what becomes of it there. */
struct end {
	struct address address;
	enum action action;
	struct span detail;	/* as of a destination */
};

/* What is wrong, between the words before and after it. */
struct mistake {
	const char *before;
	struct span what;
	const char *after;
};

/* One line, parsed. */
struct expectation {
	enum role role;
	struct span written;	/* the address with its role */
	struct address address;
	bool error;		/* it is to loop, or to become no address */
	struct end *ends;
	size_t n_ends, size_ends;
	struct mistake mistake;	/* all zeros: there was no memory */
};

/* What a line has at some place of it. */
enum part { ADDRESS, END_ADDRESS, END_ACTION, END_DETAIL, REJECT_TEXT };

/* A file while it is read. */
struct reading {
	const char *file;
	const struct table_errors *errors;
	enum part part;
	struct expectation line;
	struct text message;
};

/* The running of all of them. */
struct run {
	struct router *router;
	struct output *out;
	struct coverage coverage;
	struct expectation line;
	struct names got, wanted;	/* canonical addresses */
	struct hop *hops;
	size_t size_hops;
	struct text work;	/* what is put together */
	struct text shown;	/* and how it is written */
};

struct expectations *
expect_new(void)
{
	return calloc(1, sizeof(struct expectations));
}

void
expect_free(struct expectations *e)
{
	text_free(&e->text);
	free(e->entries);
	free(e);
}

static bool
mistaken(struct expectation *e, const char *before, struct span what,
    const char *after)
{
	e->mistake = (struct mistake){ before, what, after };
	return false;
}

/* Where the word at s ends. */
static const char *
word_end(const char *s, const char *end)
{
	return lines_find_unquoted(s, end, " \t,");
}

static bool
parse_address(struct expectation *e, struct span text, struct address *a)
{
	const char *end = text.s + text.len;

	if (span_equal(text, span_of("<>"))) {
		*a = (struct address){ text, { "", 0 }, { "", 0 } };
		if (e->role == SENDER)
			return true;
		return mistaken(e, "", text, " can only be a sender: from:<>");
	}
	if (lines_find_unquoted(text.s, end, "*") != end)
		return mistaken(e, "", text, " holds a '*'; what is expected "
		    "is for one address, such as someone@example.com");
	if (address_only(text, a) &&
	    lines_find_unquoted(text.s, end, "()") == end)
		return true;
	return mistaken(e, "", text, " is no address; write it as "
	    "user@example.com, without a name or brackets");
}

static bool
parse_action(struct expectation *e, struct end *d, struct span word)
{
	static const enum action actions[] =
	    { RELAY, INBOUND, FORWARD, REJECT, DISCARD };
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(*actions); i++)
		if (span_equal_fold(word,
		    span_of(write_route_action(actions[i])))) {
			d->action = actions[i];
			return true;
		}
	if (word.len == 0)
		return mistaken(e, "no action behind ", d->address.mailbox,
		    "; it is inbound, forward HOST, relay, reject or discard");
	return mistaken(e, "unknown action ", word,
	    "; known are inbound, forward HOST, relay, reject and discard");
}

/* The host or text behind an action; a text has all of the line. */
static const char *
parse_detail(struct expectation *e, struct end *d, const char *s,
    const char *end)
{
	const char *after = lines_skip_blanks(s, end);

	if (d->action == REJECT && after > s) {
		d->detail = span_trim(span_between(after, end));
		return end;
	}
	if (d->action != FORWARD)
		return after;
	s = after;
	after = word_end(s, end);
	d->detail = span_between(s, after);
	if (d->detail.len == 0)
		mistaken(e, "", span_of("forward"), " lacks its host: "
		    "forward mail.example.com");
	return lines_skip_blanks(after, end);
}

static struct end *
new_end(struct expectation *e)
{
	struct end *ends = array_grow(e->ends, &e->size_ends, e->n_ends,
	    sizeof(*ends));

	if (ends == NULL)
		return NULL;
	e->ends = ends;
	ends[e->n_ends] = (struct end){ .action = RELAY };
	return &ends[e->n_ends++];
}

/* "ADDRESS ACTION DETAIL"; returns what follows, or NULL for a mistake. */
static const char *
parse_end(struct expectation *e, const char *s, const char *end)
{
	const char *after = word_end(s, end);
	struct span word = span_between(s, after);
	struct end *d = new_end(e);

	if (d == NULL)
		return NULL;
	if (word.len == 0) {
		mistaken(e, "an empty target: ", word, "; there is a comma "
		    "too many");
		return NULL;
	}
	if (!parse_address(e, word, &d->address))
		return NULL;
	s = lines_skip_blanks(after, end);
	after = word_end(s, end);
	if (e->role == SENDER && after == s)
		return s;
	if (!parse_action(e, d, span_between(s, after)))
		return NULL;
	s = parse_detail(e, d, after, end);
	return e->mistake.after == NULL ? s : NULL;
}

static bool
parse_ends(struct expectation *e, const char *s, const char *end)
{
	for (;; s = lines_skip_blanks(s + 1, end)) {
		if ((s = parse_end(e, s, end)) == NULL)
			return false;
		if (s == end)
			return true;
		if (*s != ',')
			return mistaken(e, "",
			    span_between(s, word_end(s, end)), " is a word "
			    "too many; several targets are separated by "
			    "commas");
	}
}

static bool
parse_rest(struct expectation *e, struct span rest)
{
	e->error = span_equal_fold(rest, span_of("error"));
	if (e->error)
		return true;
	if (rest.len == 0)
		return mistaken(e, "nothing is expected of ", e->written,
		    "; write what becomes of it behind it and a blank");
	if (!parse_ends(e, rest.s, rest.s + rest.len))
		return false;
	if (e->role == RECIPIENT ||
	    (e->n_ends == 1 && e->ends[0].action == RELAY))
		return true;
	return mistaken(e, "", rest, " is no target for a sender; write one "
	    "address, alone or with relay");
}

/* Whether a line is right.  If not, the mistake is set; none is no memory. */
static bool
parse(struct expectation *e, struct span line)
{
	const char *end = line.s + line.len;
	const char *after = lines_find_unquoted(line.s, end, " \t");

	e->n_ends = 0;
	e->mistake = (struct mistake){ 0 };
	e->written = span_between(line.s, after);
	if (memchr(line.s, '\0', line.len) != NULL)
		return mistaken(e, "a NUL byte in ", line, "; expectations "
		    "are text");
	return parse_address(e, lines_take_role(e->written, &e->role),
	    &e->address) && parse_rest(e, span_trim(span_between(after, end)));
}

/* What stands behind a word that ends at s. */
static enum part
part_behind(enum part part, struct span word)
{
	if (part == ADDRESS)
		return END_ADDRESS;
	if (part == END_ADDRESS)
		return END_ACTION;
	return part == END_ACTION && span_equal_fold(word,
	    span_of(write_route_action(REJECT))) ? REJECT_TEXT : END_DETAIL;
}

/*
 * A line of the file without the comment at its end.  What is quoted or in a
 * literal is no comment; in the text of a rejection nothing is quoted.
 */
static struct span
cut_comment(void *with, struct span line)
{
	struct reading *r = with;
	const char *s = line.s, *end = s + line.len, *after;

	/* A line that begins with a '#' is none. */
	while (s < end && (*s != '#' || !is_blank(s[-1]))) {
		if (r->part == REJECT_TEXT || is_blank(*s)) {
			s++;
		} else if (*s == ',') {
			r->part = r->part == ADDRESS ? ADDRESS : END_ADDRESS;
			s++;
		} else {
			after = word_end(s, end);
			if (after == end || *after != ',')
				r->part = part_behind(r->part,
				    span_between(s, after));
			s = after;
		}
	}
	return span_between(line.s, s);
}

/* Tells of what is wrong.  0, or -1 if there is no memory. */
static int
complain(struct reading *r, size_t line, const struct mistake *m)
{
	r->message.len = 0;
	if (m->after == NULL ||
	    text_printf(&r->message, "%s\"", m->before) == -1 ||
	    text_add_visible(&r->message, m->what, SHOWN) == -1 ||
	    text_printf(&r->message, "\"%s", m->after) == -1)
		return -1;
	r->errors->say(r->errors->with, r->file, line,
	    text_span(&r->message));
	return 0;
}

static int
keep(struct expectations *e, const char *file, size_t number,
    struct span line)
{
	struct entry *entries = array_grow(e->entries, &e->size_entries,
	    e->n_entries, sizeof(*entries));

	if (entries == NULL)
		return -1;
	e->entries = entries;
	if (text_add_span(&e->text, line) == -1)
		return -1;
	entries[e->n_entries++] = (struct entry){ e->text.len, file, number };
	return 0;
}

/* One line of the file.  0, or -1 if there is no memory. */
static int
take(struct expectations *e, struct reading *r, enum lines_found found,
    size_t number, struct span line)
{
	struct mistake orphan = { "", line, " continues nothing; take the "
	    "blanks before it away" };

	r->part = ADDRESS;
	if (found == LINES_ORPHAN)
		return complain(r, number, &orphan);
	if (!parse(&r->line, line))
		return complain(r, number, &r->line.mistake);
	return keep(e, r->file, number, line);
}

/* All lines of the file.  Returns 0, or errno. */
static int
read_lines(struct expectations *e, struct reading *r, struct lines *lines)
{
	enum lines_found found;
	struct span line;

	while ((found = lines_next(lines, &line)) != LINES_END)
		if (take(e, r, found, lines->began, line) == -1)
			return ENOMEM;
	if (lines->error == 0 && lines->began == 0)
		r->errors->say(r->errors->with, r->file, 1, span_of("nothing "
		    "is expected in this file; write an address and what "
		    "becomes of it"));
	return lines->error;
}

int
expect_read(struct expectations *e, struct input *in, const char *file,
    const struct table_errors *errors)
{
	struct reading r = { .file = file, .errors = errors };
	struct lines lines = { .in = in, .cut = cut_comment, .with = &r };
	int error = read_lines(e, &r, &lines);

	lines_free(&lines);
	free(r.line.ends);
	text_free(&r.message);
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

/* Quotes the dot-atom at the beginning of an address. */
static int
quote(struct text *t, size_t from)
{
	char *local;
	size_t len = 0;

	if (text_reserve(t, 2) == -1)
		return -1;
	local = t->s + from;
	while (from + len < t->len && local[len] != '@')
		len++;
	memmove(local + len + 2, local + len, t->len - from - len);
	memmove(local + 1, local, len);
	local[0] = local[len + 1] = '"';
	t->len += 2;
	return 0;
}

/* An address as an expectation has it: a '#' before it would be a comment. */
static int
add_address(struct text *t, struct span local, struct span domain)
{
	size_t from = t->len;

	if (local.len == 0)
		return text_add(t, "<>", 2);
	if (address_add(t, local, domain) == -1)
		return -1;
	return t->s[from] == '#' ? quote(t, from) : 0;
}

/* One target as an expectation has it, behind those before it. */
static int
add_end(struct text *t, struct span local, struct span domain,
    enum action action, struct span detail)
{
	if ((t->len > 0 && text_add(t, ", ", 2) == -1) ||
	    add_address(t, local, domain) == -1 ||
	    text_printf(t, " %s", write_route_action(action)) == -1)
		return -1;
	return detail.len > 0 && (text_add_byte(t, ' ') == -1 ||
	    text_add_span(t, detail) == -1) ? -1 : 0;
}

static int
add_destination(struct text *t, const struct destination *d, bool text)
{
	return add_end(t, d->local, d->domain, d->action,
	    d->action == FORWARD || text ? d->detail : span_of(""));
}

/*
 * An outcome as an expectation has it: the text of a rejection stands at the
 * end, so that of several only the last has one.
 */
static int
add_outcome(struct text *t, const struct outcome *o)
{
	size_t i, last = o->count;

	t->len = 0;
	if (o->status != ROUTED)
		return text_add_span(t, span_of(o->status == LOOPED ?
		    "error # it loops" : "error # no address comes of it"));
	for (i = 0; i < o->count; i++)
		if (o->destinations[i].action == REJECT &&
		    o->destinations[i].detail.len > 0)
			last = i;
	for (i = 0; i < o->count; i++)
		if (i != last &&
		    add_destination(t, &o->destinations[i], false) == -1)
			return -1;
	return last == o->count ? 0 :
	    add_destination(t, &o->destinations[last], true);
}

static int
add_expected(struct text *t, const struct expectation *e)
{
	const struct end *d;
	size_t i;

	t->len = 0;
	if (e->error)
		return text_add(t, "error", 5);
	for (i = 0; i < e->n_ends; i++) {
		d = &e->ends[i];
		if (add_end(t, d->address.local, d->address.domain, d->action,
		    d->detail) == -1)
			return -1;
	}
	return 0;
}

/* A comment: the words, and what was put together, without control bytes. */
static int
write_comment(struct run *r, const char *words)
{
	r->shown.len = 0;
	if (text_printf(&r->shown, "# %s", words) == -1 ||
	    text_add_visible(&r->shown, text_span(&r->work), SIZE_MAX) == -1 ||
	    text_add_byte(&r->shown, '\n') == -1)
		return -1;
	output_write(r->out, text_span(&r->shown));
	return 0;
}

static int
write_rule(struct run *r, const char *words, uint32_t rule)
{
	r->work.len = 0;
	return query_add_rule(&r->work, router_rules(r->router), rule) == -1 ?
	    -1 : write_comment(r, words);
}

/* "ok 1 - administrator@cpandl.net" */
static int
write_result(struct run *r, bool holds, size_t number)
{
	size_t i;

	r->work.len = r->shown.len = 0;
	if (text_add_visible(&r->work, r->line.written, SIZE_MAX) == -1 ||
	    text_printf(&r->shown, "%s %zu - ", holds ? "ok" : "not ok",
	    number) == -1)
		return -1;
	for (i = 0; i < r->work.len; i++) {
		/* A '#' would begin a directive, as "TODO". */
		if ((r->work.s[i] == '#' || r->work.s[i] == '\\') &&
		    text_add_byte(&r->shown, '\\') == -1)
			return -1;
		if (text_add_byte(&r->shown, r->work.s[i]) == -1)
			return -1;
	}
	if (text_add_byte(&r->shown, '\n') == -1)
		return -1;
	output_write(r->out, text_span(&r->shown));
	return 0;
}

/* Where the expectation stands, and how it differs from what came. */
static int
write_difference(struct run *r, const struct entry *entry,
    const struct outcome *o)
{
	r->work.len = 0;
	if (text_printf(&r->work, "%s:%zu", entry->file, entry->line) == -1 ||
	    write_comment(r, "at:       ") == -1 ||
	    add_expected(&r->work, &r->line) == -1 ||
	    write_comment(r, "expected: ") == -1 ||
	    add_outcome(&r->work, o) == -1)
		return -1;
	return write_comment(r, "got:      ");
}

/*
 * Notes the rules that led to a destination, and writes those that are new
 * in this test.
 */
static int
pass_rules(struct run *r, const struct destination *d, bool write,
    size_t number)
{
	size_t i, n = router_trail(r->router, d, r->hops, r->size_hops);
	struct hop *hops;

	if (n > r->size_hops) {
		if ((hops = realloc(r->hops, n * sizeof(*hops))) == NULL)
			return -1;
		r->hops = hops;
		r->size_hops = n;
		router_trail(r->router, d, hops, n);
	}
	if (n == 0 && write) {
		r->work.len = 0;
		return write_comment(r, "by:       no rule");
	}
	for (i = 0; i < n; i++)
		if (coverage_mark(&r->coverage, r->hops[i].rule, number) &&
		    write && write_rule(r, "by:       ", r->hops[i].rule) == -1)
			return -1;
	return 0;
}

static bool
is_end(const struct end *e, const struct destination *d)
{
	if (e->action != d->action)
		return false;
	if (e->action == REJECT)
		return e->detail.len == 0 || span_equal(e->detail, d->detail);
	return e->action != FORWARD || span_equal_fold(e->detail, d->detail);
}

/* Adds an address to a set, as names_add(). */
static int
add_canonical(struct run *r, struct names *set, struct span local,
    struct span domain)
{
	size_t n;

	r->work.len = 0;
	if (address_add_canonical(&r->work, local, domain) == -1)
		return -1;
	return names_add(set, text_span(&r->work), &n);
}

/* Whether each end is a destination; 1, 0, or -1 if there is no memory. */
static int
find_ends(struct run *r, const struct outcome *o)
{
	const struct expectation *e = &r->line;
	size_t i, n;

	for (i = 0; i < e->n_ends; i++) {
		if (add_canonical(r, &r->wanted, e->ends[i].address.local,
		    e->ends[i].address.domain) == -1)
			return -1;
		if (!names_find(&r->got, text_span(&r->work), &n) ||
		    !is_end(&e->ends[i], &o->destinations[n]))
			return 0;
	}
	return 1;
}

/*
 * Whether an outcome is what the line expects; 1, 0, or -1.  Each address
 * comes once in an outcome, so that its number in the set is its number there.
 */
static int
compare(struct run *r, const struct outcome *o)
{
	size_t i;
	int found;

	if (r->line.error || o->status != ROUTED)
		return r->line.error && o->status != ROUTED;
	names_clear(&r->got);
	names_clear(&r->wanted);
	for (i = 0; i < o->count; i++)
		if (add_canonical(r, &r->got, o->destinations[i].local,
		    o->destinations[i].domain) == -1)
			return -1;
	if ((found = find_ends(r, o)) != 1)
		return found;
	return r->wanted.count == r->got.count;
}

/* Runs the expectation of a line; 1 if it holds, 0 if not, -1: no memory. */
static int
run_one(struct run *r, const struct entry *entry, struct span line,
    size_t number)
{
	struct outcome o;
	size_t i;
	int holds;

	if (!parse(&r->line, line) || router_route(r->router, r->line.role,
	    &r->line.address, &o) == -1 || (holds = compare(r, &o)) == -1 ||
	    write_result(r, holds, number) == -1 ||
	    (!holds && write_difference(r, entry, &o) == -1))
		return -1;
	for (i = 0; i < o.count; i++)
		if (pass_rules(r, &o.destinations[i], !holds, number) == -1)
			return -1;
	return holds;
}

static int
run_all(struct run *r, const struct expectations *e)
{
	struct span line = text_span(&e->text);
	size_t i;
	int holds, all = 1;

	for (i = 0; i < e->n_entries; i++) {
		line.len = e->entries[i].end - (size_t)(line.s - e->text.s);
		holds = run_one(r, &e->entries[i], line, i + 1);
		if (holds == -1)
			return -1;
		all &= holds;
		line.s += line.len;
	}
	return all;
}

static int
write_coverage(struct run *r)
{
	const struct coverage *c = &r->coverage;
	size_t i;

	for (i = 0; i < c->count; i++)
		if (c->tests[i] == 0 &&
		    write_rule(r, "not exercised: ", c->rules[i]) == -1)
			return -1;
	r->work.len = 0;
	return text_printf(&r->work, "%zu of %zu %s exercised", c->exercised,
	    c->count, c->count == 1 ? "rule" : "rules") == -1 ? -1 :
	    write_comment(r, "");
}

int
expect_run(const struct expectations *e, struct router *router,
    struct output *out)
{
	struct run r = { .router = router, .out = out };
	int holds = -1;

	if (coverage_begin(&r.coverage, router_rules(router)) == -1)
		return -1;
	if (text_printf(&r.shown, "TAP version 13\n1..%zu\n",
	    e->n_entries) == 0) {
		output_write(out, text_span(&r.shown));
		holds = run_all(&r, e);
	}
	if (holds != -1 && write_coverage(&r) == -1)
		holds = -1;
	coverage_free(&r.coverage);
	names_free(&r.got);
	names_free(&r.wanted);
	free(r.line.ends);
	free(r.hops);
	text_free(&r.work);
	text_free(&r.shown);
	return holds;
}
