#include <stdio.h>
#include <string.h>

#include "filtering.h"
#include "reader.h"
#include "ways.h"
#include "write_collisions.h"
#include "write_json.h"
#include "write_rcpt.h"
#include "write_route.h"
#include "write_same.h"
#include "write_smtp.h"

enum format { SAME, ROUTE, JSON, RCPT, SMTP, COLLISIONS, RECORD };

/* Without a rule, from one place to one other, and with all there is. */
enum { EMPTY, ONE_TO_ONE, SWAP, ALL, TABLES };

static const char *const texts[TABLES] = {
	[EMPTY] = "",
	[ONE_TO_ONE] = "x y\na b\nold new\n.a.example B.example\n"
	    "x@b z@c\nmail.example new.mail.example\nfrom:old new\n"
	    "from:x@y z@c\nfrom:a b\n*@d \"$1 o\"@e.example\n",
	[SWAP] = "x y\ny x\na b\nb a\na.example b.example\n"
	    "b.example a.example\nfrom:x y\nfrom:y x\n",
	[ALL] = "x y\ny z\na@y b@y\nb@y a@y\nm@x a@x,b@z, c\nm@a b@a,c@b\n"
	    "a b,c,d\n*.a $1.b\ns-*@x $1@y\n/^r(.)@/ $1@b\nd discard\n"
	    "d@x discard\nr reject:No such user\nr@x reject\n"
	    "f forward:h.example:25\nb.example inbound\n"
	    "a.example z@b.example\nk@* keep\n.old y\n*.c $1.y\n"
	    "from:x y\nfrom:old new\nfrom:<> m@x\nfrom:a@* b@c\n"
	    "long@x llllllllllllllllllllllllllllllllllllllllllllllllllllllllll"
	    "llllllllllllllllllllllllllllllllllllllllllllllll@llllll.example,"
	    "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm@mmmmmmmmmmm.example\n",
};

/* What the two bytes choose. */
struct choice {
	const struct reading *reading;
	enum format output;
	int table;
	bool original;
	char end;
	const char *fields;
	struct address recipients[2], sender;
	size_t n_recipients;
	bool has_sender;
	struct router_options router;
};

struct result {
	struct text output;
	struct text said;
	struct counts counts;
	unsigned long long taken;
};

/* What a reader hands over, and what may come of it. */
struct record {
	struct text image;	/* the input, put together again */
	struct text expected;	/* rewritten, and nothing folded */
};

static void
refuse(void *with, const char *file, size_t line, struct span message)
{
	(void)with;
	fprintf(stderr, "%s:%zu: %.*s\n", file, line, (int)message.len,
	    message.s);
	fuzz_check(false, "the tables are right");
}

/* The tables are read once; they do not change. */
static const struct rules *
rules_of(int table)
{
	static struct rules *rules[TABLES];
	const struct table_errors errors = { refuse, NULL };

	if (rules[table] == NULL)
		rules[table] = ways_read_table(span_of(texts[table]),
		    ways, &errors);
	return rules[table];
}

static struct address
address_of(const char *s)
{
	struct address a;

	fuzz_check(address_only(span_of(s), &a), "this is an address");
	return a;
}

static enum format
choose_output(const struct reading *reading, uint8_t byte)
{
	enum format output = (enum format)(byte % RECORD);

	if (output == COLLISIONS && !(reading->kind & FOR_LISTS))
		return SAME;
	if (output == SMTP && (!(reading->kind & FOR_MAIL) ||
	    (reading->kind & FOR_SMTP)))
		return SAME;
	return output;
}

/* One of the sets of options that go together. */
static void
choose_options(struct choice *c, uint8_t byte)
{
	bool mail = c->reading->kind & FOR_MAIL;
	bool lists = c->reading->kind & FOR_LISTS;

	c->router.once = byte & 4 || c->table == SWAP;
	if (byte & 8)
		c->router.domain = span_of("a");
	if (byte & 16)
		c->router.delimiters = "+";
	c->original = byte & 32 && mail &&
	    (c->output == SAME || c->output == SMTP);
	c->end = byte & 32 && (lists || c->output == RCPT) ? '\0' : '\n';
	c->fields = byte & 64 && mail ? "Delivered-To,To" : NULL;
	if (byte & 128 && mail && !(c->reading->kind & FOR_SMTP)) {
		c->recipients[0] = address_of("q@x");
		c->recipients[1] = address_of("m@a");
		c->n_recipients = c->output == SAME && !c->original ? 0 : 2;
		c->sender = address_of("x@old");
		c->has_sender = c->output == SMTP;
	}
}

static struct choice
choose(const struct reading *reading, const uint8_t *data)
{
	struct choice c = { .reading = reading,
		.output = choose_output(reading, data[0]),
		.table = data[1] % TABLES };

	choose_options(&c, data[1]);
	return c;
}

static void
say(void *with, enum trouble trouble, size_t line, struct span message)
{
	fuzz_check(text_printf(with, "%d %zu ", trouble, line) == 0 &&
	    text_add_span(with, message) == 0 && text_add_byte(with, '\n') == 0,
	    "there is memory");
}

static void
say_collision(void *with, size_t line, struct span message)
{
	say(with, UNREADABLE, line, message);
}

static void
record_plain(void *state, struct span s)
{
	struct record *r = state;

	fuzz_check(text_add_span(&r->image, s) == 0 &&
	    text_add_span(&r->expected, s) == 0, "there is memory");
}

static int
record_between(void *state, struct span s)
{
	record_plain(state, s);
	return 0;
}

/* What stands around an address in its mailbox stays there. */
static void
check_kept(struct span written, const struct address *a)
{
	const char *from = a->domain.len > 0 ? a->domain.s + a->domain.len :
	    a->local.s + a->local.len;
	size_t before = (size_t)(a->local.s - a->mailbox.s);
	size_t behind = (size_t)(a->mailbox.s + a->mailbox.len - from);

	fuzz_check(written.len >= before + behind &&
	    memcmp(written.s, a->mailbox.s, before) == 0 &&
	    memcmp(written.s + written.len - behind, from, behind) == 0,
	    "what stands around an address stays");
}

static int
record_mailbox(void *state, const struct address *a, const struct outcome *o)
{
	struct record *r = state;
	struct text *t = &r->expected;
	size_t i, written = 0, start;

	if (text_add_span(&r->image, a->mailbox) == -1)
		return -1;
	for (i = 0; i < o->count; i++) {
		if (destination_is_gone(&o->destinations[i]))
			continue;
		if (written++ > 0 && text_add(t, ", ", 2) == -1)
			return -1;
		start = t->len;
		if (write_same_add(t, a, &o->destinations[i]) == -1)
			return -1;
		check_kept((struct span){ t->s + start, t->len - start }, a);
	}
	return written > 0 ? 0 : text_add_span(t, a->mailbox);
}

static int
record_end(void *state)
{
	(void)state;
	return 0;
}

/* The writers; one of them is used. */
struct writers {
	struct write_collisions collisions;
	struct write_same same;
	struct write_route route;
	struct write_json json;
	struct write_rcpt rcpt;
	struct write_smtp smtp;
	struct record *record;
};

static struct writer
make_writer(struct writers *w, const struct choice *c, struct output *out,
    struct filter *f)
{
	const struct writer record = { .state = w->record,
		.plain = record_plain, .between = record_between,
		.mailbox = record_mailbox, .end = record_end };

	switch (c->output) {
	case ROUTE:
		return write_route(&w->route, out);
	case JSON:
		return write_json(&w->json, out, f->router);
	case RCPT:
		return write_rcpt(&w->rcpt, out, c->end);
	case SMTP:
		return write_smtp(&w->smtp, out, f->aside,
		    c->original);
	case COLLISIONS:
		return write_collisions(&w->collisions, c->router.domain,
		    c->end, say_collision, f->with);
	case RECORD:
		return record;
	case SAME:
	default:
		return write_same(&w->same, out, f->aside,
		    c->original);
	}
}

static void
free_writers(struct writers *w)
{
	write_collisions_free(&w->collisions);
	write_same_free(&w->same);
	write_route_free(&w->route);
	write_json_free(&w->json);
	write_rcpt_free(&w->rcpt);
	write_smtp_free(&w->smtp);
}

static void
free_result(struct result *r)
{
	text_free(&r->output);
	text_free(&r->said);
}

static void
run(const struct choice *c, struct span s, const struct way *way,
    struct result *r, struct record *record)
{
	struct spool spool;
	struct output out = ways_output(&spool);
	struct writers writers = { .record = record };
	struct filter f = { .recipients = c->recipients,
		.n_recipients = c->n_recipients,
		.sender = c->has_sender ? &c->sender : NULL, .report = say,
		.with = &r->said, .aside = ways_aside() };
	struct input in;

	ways_input(&in, s, way);
	in.tied = &out;
	f.router = router_new(rules_of(c->table), &c->router);
	fuzz_check(f.router != NULL, "there is memory");
	f.writer = make_writer(&writers, c, &out, &f);
	fuzz_check(c->reading->read(&in, &f, c->fields, c->end) == 0,
	    "there is memory");
	filter_finish(&f);
	fuzz_check(in.error == 0 && out.error == 0, "nothing fails");
	fuzz_check(in.taken == s.len, "all is taken");
	ways_take(&spool, &r->output);
	r->counts = f.counts;
	router_free(f.router);
	filter_free(&f);
	free_writers(&writers);
	input_free(&in);
}

/* One way, with a look at the work that it takes. */
static void
run_watched(const struct choice *c, struct span s, struct result *r)
{
	unsigned long long begun;

	rules_of(c->table);
	begun = fuzz_work;
	run(c, s, ways, r, NULL);
	/* An address of a byte that goes to several others takes 1700 steps. */
	fuzz_check_work(begun, s.len + r->output.len + r->said.len, 10000,
	    2000);
}

/* Of such all are tried over and over, and that long. */
static bool
is_short(struct span s)
{
	return s.len <= 8;
}

/* The same input over and over: what is not linear shows the sooner. */
static void
run_many(const struct choice *c, struct span s)
{
	struct text many = { 0 };
	struct result r = { 0 };
	size_t i;

	for (i = 0; i < (is_short(s) ? 16384 : 4096) / (s.len + 1); i++)
		fuzz_check(text_add_span(&many, s) == 0, "there is memory");
	run_watched(c, text_span(&many), &r);
	free_result(&r);
	text_free(&many);
}

/* The same by the other ways. */
static void
run_other_ways(const struct choice *c, struct span s, const struct result *r)
{
	struct result other = { 0 };
	size_t i;

	for (i = 1; i < WAYS; i++) {
		run(c, s, &ways[i], &other, NULL);
		fuzz_check_same(text_span(&r->output),
		    text_span(&other.output), i == 1 ?
		    "the output is the same for an input in pieces" :
		    "the output is the same by the slow paths");
		fuzz_check_same(text_span(&r->said), text_span(&other.said),
		    "the same is told");
		fuzz_check(memcmp(&r->counts, &other.counts,
		    sizeof(other.counts)) == 0, "the same is counted");
		free_result(&other);
		other = (struct result){ 0 };
	}
}

/* Nothing matches: the output is the input. */
static void
run_without_rules(const struct choice *chosen, struct span s)
{
	struct choice c = *chosen;
	struct result r = { 0 };

	c.output = SAME;
	c.table = EMPTY;
	c.original &= chosen->output == SAME || chosen->output == SMTP;
	c.router.domain = (struct span){ "", 0 };
	run(&c, s, ways, &r, NULL);
	fuzz_check_same(text_span(&r.output), s,
	    "with no rule, the output is the input");
	free_result(&r);
}

/* What was rewritten to its end stays as it is. */
static void
run_again(const struct choice *c, const struct result *r)
{
	struct result other = { 0 };

	if (c->output != SAME || c->original || c->table != ONE_TO_ONE ||
	    c->router.once)
		return;
	run(c, text_span(&r->output), ways, &other, NULL);
	fuzz_check_same(text_span(&other.output), text_span(&r->output),
	    "rewriting twice is rewriting once");
	free_result(&other);
}

/* Skips the line end, and a blank, that begin a new line behind a comma. */
static size_t
skip_fold(struct span s, size_t i)
{
	if (i == 0 || (s.s[i - 1] != ',' && s.s[i - 1] != ';'))
		return i;
	if (i < s.len && s.s[i] == '\r')
		i++;
	return i < s.len && s.s[i] == '\n' ? i + 1 : i;
}

/* That the output is what was expected, but for folding. */
static void
check_folded(struct span output, struct span expected)
{
	size_t i = 0, j = 0;

	while (j < expected.len) {
		if (i < output.len && output.s[i] == expected.s[j]) {
			i++;
			j++;
			continue;
		}
		i = skip_fold(output, i);
		if (i < output.len && output.s[i] != expected.s[j] &&
		    output.s[i] == ' ' && output.s[i - 1] == '\n')
			i++;
		if (i >= output.len || output.s[i] != expected.s[j])
			fuzz_check_same(output, expected,
			    "the output is the input but for the addresses");
	}
	fuzz_check(i == output.len, "nothing comes behind the input");
}

/* Whether a line names an address of the envelope. */
static bool
is_of_envelope(struct span line)
{
	line = span_trim(line);
	return span_begins_fold(line, "MAIL") ||
	    span_begins_fold(line, "RCPT");
}

/* The line that comes next, with its LF. */
static struct span
take_line(struct span *s)
{
	const char *lf = memchr(s->s, '\n', s->len);
	struct span line = { s->s, lf == NULL ? s->len :
	    (size_t)(lf + 1 - s->s) };

	*s = (struct span){ s->s + line.len, s->len - line.len };
	return line;
}

/* Where a path begins behind the first colon of a command, or NULL. */
static const char *
path_of(struct span line, struct span *path)
{
	const char *colon = memchr(line.s, ':', line.len);

	if (colon == NULL)
		return NULL;
	*path = reader_path(span_trim(reader_cut_line_end(span_between(
	    colon + 1, line.s + line.len))));
	return path->s + path->len;
}

/* Whether two commands are the same but for their paths. */
static bool
differ_by_path(struct span a, struct span b)
{
	struct span one, other;
	const char *behind = path_of(a, &one), *after = path_of(b, &other);

	return behind != NULL && after != NULL &&
	    span_equal(span_between(a.s, one.s), span_between(b.s, other.s)) &&
	    span_equal(span_between(behind, a.s + a.len),
	    span_between(after, b.s + b.len));
}

/* A command may stand right behind a chunk of data. */
static void
check_command(struct span a, struct span b)
{
	size_t i;

	for (i = 0; i < a.len && i < b.len && a.s[i] == b.s[i]; i++)
		if (is_of_envelope((struct span){ a.s + i, a.len - i }) &&
		    differ_by_path((struct span){ a.s + i, a.len - i },
		    (struct span){ b.s + i, b.len - i }))
			return;
	fuzz_check_same(a, b, "only addresses change in a session");
}

/*
 * A session passes its commands on as plain bytes; by a table that leads from
 * one place to one other there are as many.
 */
static void
check_session(struct span input, struct span image)
{
	struct span a, b;

	while (input.len > 0 && image.len > 0) {
		a = take_line(&input);
		b = take_line(&image);
		if (!span_equal(a, b))
			check_command(a, b);
	}
	fuzz_check(input.len == image.len, "no line of a session is missing");
}

/* Bytes outside of the addresses stay. */
static void
record_it(const struct choice *chosen, struct span s, const struct result *r)
{
	struct choice c = *chosen;
	struct record record = { 0 };
	struct result other = { 0 };

	c.output = RECORD;
	run(&c, s, ways, &other, &record);
	if (!(c.reading->kind & FOR_SMTP))
		fuzz_check_same(text_span(&record.image), s,
		    "the pieces of the input are the input");
	else if (c.table != ALL)
		check_session(s, text_span(&record.image));
	if (chosen->output == SAME && !chosen->original)
		check_folded(text_span(&r->output),
		    text_span(&record.expected));
	free_result(&other);
	text_free(&record.image);
	text_free(&record.expected);
}

int
filtering(const struct reading *reading, const uint8_t *data, size_t size)
{
	struct choice c;
	struct result r = { 0 };
	struct span s;

	if (size < 2)
		return -1;
	c = choose(reading, data);
	s = (struct span){ (const char *)data + 2, size - 2 };
	run_watched(&c, s, &r);
	/* It takes long: all that are short, and some of the others. */
	if (is_short(s) ||
	    (data[0] + data[1] + data[size - 1] + size) % 16 == 0)
		run_many(&c, s);
	run_other_ways(&c, s, &r);
	run_without_rules(&c, s);
	run_again(&c, &r);
	record_it(&c, s, &r);
	free_result(&r);
	return 0;
}
