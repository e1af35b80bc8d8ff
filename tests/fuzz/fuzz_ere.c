/*
 * A regular expression, a line end, and a text: both ways to match say the
 * same, groups lie in the text, the part that is found matches as a whole, and
 * what it takes is linear in the text.
 */
#include <string.h>

#include "ere.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Compiles an expression that is part of another one. */
static struct ere *
compile(const char *before, struct span expression, const char *behind)
{
	struct text t = { 0 };
	const char *why;
	struct ere *e;

	fuzz_check(text_add_span(&t, span_of(before)) == 0 &&
	    text_add_span(&t, expression) == 0 &&
	    text_add_span(&t, span_of(behind)) == 0, "there is memory");
	e = ere_compile(text_span(&t), &why);
	fuzz_check((e == NULL) == (why != NULL), "it compiles, or says why");
	text_free(&t);
	return e;
}

static bool
has(struct span s, char c)
{
	return s.len > 0 && memchr(s.s, c, s.len) != NULL;
}

/* A bound repeats what it is for, which the expression's length tells not. */
static bool
match(const struct ere *e, struct span expression, struct text *room)
{
	unsigned long long begun = fuzz_work;
	int matched = ere_match(e, room);

	fuzz_check(matched != -1, "there is memory");
	if (!has(expression, '{'))
		fuzz_check_work(begun, (room->len + 1) * (expression.len + 8),
		    1000, 8);
	return matched;
}

static void
set_text(struct text *room, struct span text)
{
	room->len = 0;
	fuzz_check(text_add_span(room, text) == 0, "there is memory");
}

static void
check_whole(struct span expression, struct span part)
{
	struct ere *e = compile("^(", expression, ")$");
	struct text room = { 0 };

	fuzz_check(e != NULL, "an expression may be part of another one");
	set_text(&room, part);
	fuzz_check(match(e, expression, &room), "what is found matches");
	text_free(&room);
	ere_free(e);
}

/* The group is the whole; "x)(y" is none, though "(x)(y)" would be. */
static void
check_groups(struct span expression, struct span text)
{
	struct span groups[ERE_GROUPS] = { { NULL, 0 } };
	struct ere *e = compile("(", expression, ")");
	struct text room = { 0 };
	size_t i;

	fuzz_check(e != NULL, "an expression may be in a group");
	set_text(&room, text);
	fuzz_check(ere_find_groups(e, &room, groups) == 1, "both match");
	for (i = 1; i < ERE_GROUPS; i++)
		fuzz_check(groups[i].len == 0 || (groups[i].s >= room.s &&
		    groups[i].s + groups[i].len <= room.s + text.len),
		    "a group is in the text");
	if (!has(expression, '^') && !has(expression, '$'))
		check_whole(expression, groups[1]);
	text_free(&room);
	ere_free(e);
}

static void
check(struct span expression, struct span text)
{
	struct ere *e = compile("", expression, "");
	struct span groups[ERE_GROUPS] = { { NULL, 0 } };
	struct text room = { 0 };

	if (e == NULL)
		return;
	set_text(&room, text);
	if (match(e, expression, &room))
		check_groups(expression, text);
	else
		fuzz_check(ere_find_groups(e, &room, groups) == 0,
		    "neither matches");
	text_free(&room);
	ere_free(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct span input = { (const char *)data, size };
	const char *end = size == 0 ? NULL : memchr(data, '\n', size);

	if (end != NULL)
		check(span_between(input.s, end),
		    span_between(end + 1, input.s + size));
	return 0;
}
