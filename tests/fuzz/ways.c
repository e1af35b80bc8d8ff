#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plain_list.h"
#include "plain_rule.h"
#include "router.h"
#include "ways.h"

/* No descriptor: what is read from it comes from memory. */
enum { FROM_MEMORY = -1, SMALL = 64 };

const struct way ways[WAYS] = { { false, false }, { true, false },
	{ false, true } };

/* What is still to be read. */
static struct span rest;
static uint32_t cut;
static bool slow;

void
ways_input(struct input *in, struct span s, const struct way *way)
{
	*in = (struct input){ .fd = FROM_MEMORY,
	    .size = way->pieces ? SMALL : s.len };
	in->buffer = malloc(in->size);
	fuzz_check(in->size == 0 || in->buffer != NULL, "there is memory");
	slow = way->slow;
	if (way->pieces) {
		rest = s;
		cut = (uint32_t)s.len;
		return;
	}
	if (s.len > 0)
		memcpy(in->buffer, s.s, s.len);
	in->end = s.len;
	in->eof = true;
}

struct spool_file *
ways_aside(void)
{
	static struct spool_file file;

	if (file.stream == NULL)
		spool_file_open(&file);
	return &file;
}

struct output
ways_output(struct spool *spool)
{
	*spool = (struct spool){ .file = ways_aside() };
	return (struct output){ .fd = -1, .diverted = spool };
}

static int
take(void *with, struct span s)
{
	return text_add_span(with, s);
}

void
ways_take(struct spool *spool, struct text *t)
{
	fuzz_check(spool_each(spool, take, t) == 0, "a spool is read back");
	spool_free(spool);
}

struct rules *
ways_read_table(struct span table, const struct way *way,
    const struct table_errors *errors)
{
	struct rules *rules = rules_new();
	struct input in;

	fuzz_check(rules != NULL, "there is memory");
	ways_input(&in, table, way);
	fuzz_check(table_read(rules, &in, "t", errors) == 0,
	    "a table can be read");
	input_free(&in);
	return rules;
}

/* The functions that the linker puts here, and what they stand for. */
ssize_t __real_read(int, void *, size_t);
ssize_t __wrap_read(int, void *, size_t);
size_t __real_plain_list_next(struct plain_list *, struct address *, size_t);
size_t __wrap_plain_list_next(struct plain_list *, struct address *, size_t);
bool __real_plain_rule_read(struct span, struct plain_rule *);
bool __wrap_plain_rule_read(struct span, struct plain_rule *);
bool __real_router_passes(struct router *, enum role, const struct address *);
bool __wrap_router_passes(struct router *, enum role, const struct address *);
void __real_address_begin(struct address_parser *, struct span);
void __wrap_address_begin(struct address_parser *, struct span);

/* Mostly a few bytes, now and then none that matters. */
static size_t
next_piece(void)
{
	cut = cut * 1664525u + 1013904223u;
	return 1 + (cut >> 8) % (cut >> 30 == 0 ? 300 : 20);
}

ssize_t
__wrap_read(int fd, void *to, size_t most)
{
	size_t n = next_piece();

	if (fd != FROM_MEMORY)
		return __real_read(fd, to, most);
	if (n > most)
		n = most;
	if (n > rest.len)
		n = rest.len;
	if (n > 0)
		memcpy(to, rest.s, n);
	rest = (struct span){ rest.s + n, rest.len - n };
	return (ssize_t)n;
}

size_t
__wrap_plain_list_next(struct plain_list *p, struct address *a, size_t most)
{
	return slow ? 0 : __real_plain_list_next(p, a, most);
}

bool
__wrap_plain_rule_read(struct span line, struct plain_rule *rule)
{
	return !slow && __real_plain_rule_read(line, rule);
}

bool
__wrap_router_passes(struct router *r, enum role role,
    const struct address *a)
{
	return !slow && __real_router_passes(r, role, a);
}

void
__wrap_address_begin(struct address_parser *p, struct span text)
{
	__real_address_begin(p, text);
	p->plodding = slow;
}
