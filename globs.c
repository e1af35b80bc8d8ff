#include <string.h>

#include "globs.h"
#include "match.h"

/* A glob cut at its '*'s: the middle is what stands between the outer two. */
struct parts {
	struct span head, middle, tail;
	bool one;		/* there is one '*' */
};

/* The first '*' that has no backslash before it, or the end. */
static const char *
find_star(const char *s, const char *end)
{
	while (s < end && *s != '*')
		s += *s == '\\' && s + 1 < end ? 2 : 1;
	return s;
}

/* false if there is no '*'. */
static bool
cut(struct span glob, struct parts *p)
{
	const char *end = glob.s + glob.len;
	const char *first = find_star(glob.s, end), *last = first, *s;

	if (first == end)
		return false;
	for (s = first; s < end; s = find_star(s + 1, end))
		last = s;
	p->one = first == last;
	p->head = span_between(glob.s, first);
	p->middle = p->one ? (struct span){ "", 0 } :
	    span_between(first + 1, last);
	p->tail = span_between(last + 1, end);
	return true;
}

/* The longer one of two heads, of which it begins with the other one. */
static bool
join_heads(struct span a, struct span b, struct span *longer)
{
	*longer = a.len < b.len ? b : a;
	return span_equal_fold((struct span){ a.s, a.len < b.len ? a.len :
	    b.len }, (struct span){ b.s, a.len < b.len ? a.len : b.len });
}

/* Whether it may be cut there: not between a backslash and what it is for. */
static bool
may_cut(struct span glob, size_t at)
{
	size_t i = at;

	while (i > 0 && glob.s[i - 1] == '\\')
		i--;
	return (at - i) % 2 == 0;
}

static bool
join_tails(struct span a, struct span b, struct span *longer)
{
	size_t len = a.len < b.len ? a.len : b.len;

	*longer = a.len < b.len ? b : a;
	return may_cut(*longer, longer->len - len) &&
	    span_equal_fold((struct span){ a.s + a.len - len, len },
	    (struct span){ b.s + b.len - len, len });
}

static int
add_middle(struct text *t, struct span middle)
{
	return middle.len == 0 ? 0 : text_add_span(t, middle) == -1 ||
	    text_add_byte(t, '*') == -1 ? -1 : 0;
}

static int
take_joined(const struct parts *p, struct span middle, struct text *room,
    int (*take)(void *, struct span), void *with)
{
	room->len = 0;
	if (text_add_span(room, p->head) == -1 ||
	    text_add_byte(room, '*') == -1 ||
	    add_middle(room, p->middle) == -1 ||
	    add_middle(room, middle) == -1 ||
	    text_add_span(room, p->tail) == -1)
		return -1;
	return take(with, text_span(room));
}

/* What begins with the head and ends with the tail, and shares some of it. */
static int
take_overlaps(const struct parts *p, struct text *room,
    int (*take)(void *, struct span), void *with)
{
	size_t shared, most = p->head.len < p->tail.len ? p->head.len :
	    p->tail.len;

	for (shared = 1; shared <= most; shared++) {
		if (!may_cut(p->head, p->head.len - shared) ||
		    !may_cut(p->tail, shared) ||
		    !span_equal_fold((struct span){ p->head.s + p->head.len -
		    shared, shared }, (struct span){ p->tail.s, shared }))
			continue;
		room->len = 0;
		if (text_add_span(room, p->head) == -1 ||
		    text_add(room, p->tail.s + shared, p->tail.len - shared) ==
		    -1 || take(with, text_span(room)) == -1)
			return -1;
	}
	return 0;
}

int
globs_each_common(struct span a, struct span b, struct text *room,
    int (*take)(void *, struct span), void *with)
{
	struct parts p, q, joined = { 0 };

	if (!cut(a, &p) || !cut(b, &q) ||
	    !join_heads(p.head, q.head, &joined.head) ||
	    !join_tails(p.tail, q.tail, &joined.tail))
		return 0;
	joined.middle = p.middle;
	if (take_joined(&joined, q.middle, room, take, with) == -1)
		return -1;
	if (p.one && q.one)
		return take_overlaps(&joined, room, take, with);
	joined.middle = q.middle;
	return p.one || q.one ? 0 :
	    take_joined(&joined, p.middle, room, take, with);
}
