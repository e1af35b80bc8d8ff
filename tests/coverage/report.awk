# Reads the exceptions, and what gcov -b -c says of each file; prints a table,
# and each branch that is not taken and no exception.
#
# An exception is a line of the source, by its file and its text, so that it
# holds wherever that stands: FILE, how many branches of it are not taken, and
# the text, with one blank for each run of them; the lines that follow, which
# begin with a blank, say why.

function squeeze(s) {
	gsub(/[ \t]+/, " ", s)
	sub(/^ /, "", s)
	sub(/ $/, "", s)
	return s
}

function read_exception(s) {
	if (s ~ /^[ \t]/) {
		reasons[key] = 1
	} else if (s !~ /^#/ && s != "") {
		split(s, word, " ")
		key = word[1] " " squeeze(substr(s, index(s, word[2]) + \
		    length(word[2])))
		expected[key] += word[2]
	}
}

# "count:line:text"
function read_line(s) {
	number = s
	sub(/^[^:]*: */, "", number)
	text = number
	sub(/:.*/, "", number)
	sub(/^[^:]*:/, "", text)
	count = s
	sub(/:.*/, "", count)
	sub(/^ */, "", count)
	text = squeeze(text)
	if (number == 0 || count == "-")
		return
	lines[file]++
	if (count !~ /^[#=]/)
		lines_taken[file]++
}

function read_branch(s) {
	branches[file]++
	if (s ~ /taken [1-9]/) {
		branches_taken[file]++
		return
	}
	missing[file " " text]++
	at = file " " text
	if (number != last[at])
		where[at] = where[at] (where[at] == "" ? "" : " ") number
	last[at] = number
}

FNR == 1 {
	is_exceptions = (NR == 1)
	if (!is_exceptions) {
		file = FILENAME
		sub(/.*\//, "", file)
		sub(/\.gcov$/, "", file)
		files[++n_files] = file
	}
}

is_exceptions { read_exception($0); next }
/^ *[-#=0-9][^:]*: *[0-9]+:/ { read_line($0); next }
/^branch/ { read_branch($0) }

function print_row(name, a, b, c, d) {
	printf "%-20s %6d of %6d %6d of %6d\n", name, a, b, c, d
}

function print_table(    i, f, a, b, c, d) {
	printf "%-20s %16s %16s\n", "", "lines", "branches"
	for (i = 1; i <= n_files; i++) {
		f = files[i]
		print_row(f, lines_taken[f], lines[f], branches_taken[f],
		    branches[f])
		a += lines_taken[f]
		b += lines[f]
		c += branches_taken[f]
		d += branches[f]
	}
	print_row("all", a, b, c, d)
}

# No element is made of an array by asking for it here.
function count_of(array, at) {
	return (at in array) ? array[at] : 0
}

function count_lost(    at, part, n) {
	for (at in missing)
		if (missing[at] > count_of(expected, at)) {
			split(at, part, " ")
			n = where[at]
			gsub(/ /, ", ", n)
			printf "%s:%s: %d not taken: %s\n", part[1], n,
			    missing[at], substr(at, length(part[1]) + 2) | "sort"
			lost += missing[at] - count_of(expected, at)
		}
	close("sort")
}

function count_wrong(    at) {
	for (at in expected) {
		if (count_of(missing, at) < expected[at]) {
			printf "no exception any more, as %d are not taken: " \
			    "%s\n", count_of(missing, at), at
			wrong++
		}
		if (!(at in reasons)) {
			printf "an exception without a reason: %s\n", at
			wrong++
		}
	}
}

END {
	print_table()
	count_lost()
	count_wrong()
	printf "%d branches are not taken, and no exceptions\n", lost
	exit (lost + wrong > 0)
}
