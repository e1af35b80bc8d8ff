#include "areas.h"

size_t
areas_count(const struct classes *c)
{
	return 2 * classes_count(c) + 2;
}

size_t
areas_elsewhere(const struct classes *c)
{
	return 2 * classes_count(c);
}

size_t
areas_none(const struct classes *c)
{
	return 2 * classes_count(c) + 1;
}

size_t
areas_find(const struct classes *c, struct span domain)
{
	bool exact;
	size_t n;

	if (domain.len == 0)
		return areas_none(c);
	n = classes_find(c, domain, &exact);
	return n == classes_count(c) ? areas_elsewhere(c) : 2 * n + !exact;
}

size_t
areas_domain(const struct classes *c, size_t area, bool *below)
{
	*below = area % 2 != 0;
	return area < areas_elsewhere(c) ? area / 2 : classes_count(c);
}

int
areas_write_domain(const struct classes *c, size_t area, struct text *t)
{
	bool below;
	size_t n = areas_domain(c, area, &below);

	t->len = 0;
	if (area == areas_none(c))
		return 0;
	if (area == areas_elsewhere(c))
		return text_add_span(t, classes_elsewhere(c));
	if (below && (text_add_span(t, classes_label(c)) == -1 ||
	    text_add_byte(t, '.') == -1))
		return -1;
	return text_add_span(t, classes_domain(c, n));
}
