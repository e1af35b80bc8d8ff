/*
 * The least that a program has to do with a list of addresses: read blocks,
 * find the '@' of each line, look what is behind it up in a hash, and copy.
 * It knows of no display names, comments, quotes or letter case.
 *
 *	bare_loop [DOMAIN=DOMAIN ...] < list
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { BLOCK = 65536, SLOTS = 1024, MOST_RULES = 512 };

struct rule {
	const char *from, *to;
	size_t from_len, to_len;
};

struct output {
	char bytes[BLOCK];
	size_t len;
};

static unsigned
hash(unsigned h, char c)
{
	return h * 31 + (unsigned char)c;
}

/* The rule for a domain with this hash, or the empty slot where it goes. */
static struct rule *
find(struct rule *slots, const char *domain, size_t len, unsigned h)
{
	struct rule *r;

	for (r = &slots[h % SLOTS]; r->from != NULL;
	    r = r == slots + SLOTS - 1 ? slots : r + 1)
		if (r->from_len == len && memcmp(r->from, domain, len) == 0)
			break;
	return r;
}

static int
add_rule(struct rule *slots, const char *rule)
{
	const char *equals = strchr(rule, '=');
	struct rule *r;
	unsigned h = 0;
	const char *s;

	if (equals == NULL)
		return -1;
	for (s = rule; s < equals; s++)
		h = hash(h, *s);
	r = find(slots, rule, (size_t)(equals - rule), h);
	r->from = rule;
	r->from_len = (size_t)(equals - rule);
	r->to = equals + 1;
	r->to_len = strlen(r->to);
	return 0;
}

static void
flush(struct output *out)
{
	size_t done = 0;
	ssize_t n;

	for (; done < out->len; done += (size_t)n)
		if ((n = write(1, out->bytes + done, out->len - done)) <= 0)
			exit(EX_IOERR);
	out->len = 0;
}

/* No more than a block. */
static void
put(struct output *out, const char *s, size_t len)
{
	if (out->len + len > sizeof(out->bytes))
		flush(out);
	memcpy(out->bytes + out->len, s, len);
	out->len += len;
}

/*
 * Writes the line that begins here, and returns what follows it; or NULL if
 * there is no whole line.
 */
static const char *
put_line(struct output *out, struct rule *slots, const char *s,
    const char *end)
{
	const char *domain, *p;
	const struct rule *r;
	unsigned h = 0;

	if ((domain = memchr(s, '@', (size_t)(end - s))) == NULL)
		return NULL;
	domain++;
	for (p = domain; p < end && *p != '\n'; p++)
		h = hash(h, *p);
	if (p == end)
		return NULL;
	r = find(slots, domain, (size_t)(p - domain), h);
	if (r->from == NULL) {
		put(out, s, (size_t)(p - s) + 1);
	} else {
		put(out, s, (size_t)(domain - s));
		put(out, r->to, r->to_len);
		put(out, "\n", 1);
	}
	return p + 1;
}

int
main(int argc, char **argv)
{
	static struct rule slots[SLOTS];
	static struct output out;
	static char in[2 * BLOCK];	/* what was left, and a block */
	const char *s, *next, *end;
	size_t left = 0;
	ssize_t n;
	int i;

	if (argc > MOST_RULES)
		return EX_USAGE;
	for (i = 1; i < argc; i++)
		if (add_rule(slots, argv[i]) != 0)
			return EX_USAGE;
	while ((n = read(0, in + left, BLOCK)) > 0) {
		end = in + left + n;
		for (s = in; (next = put_line(&out, slots, s, end)) != NULL;
		    s = next)
			continue;
		left = (size_t)(end - s);
		if (left > BLOCK)
			return EX_DATAERR;
		memmove(in, s, left);
	}
	put(&out, in, left);
	flush(&out);
	return n == 0 ? EX_OK : EX_IOERR;
}
