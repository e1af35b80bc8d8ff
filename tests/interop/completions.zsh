# usage: zsh -f completions.zsh WORDS
# Types "rewrite WORDS" and a tab to a zsh on a terminal, and prints what it
# would offer.
zmodload zsh/zpty zsh/zselect

cat > $scratch/zshrc <<'END'
fpath=($completions $fpath)
autoload -Uz compinit
compinit -u -C -d $scratch/dump
compadd() {
	local -a offered
	# These ask only, and add nothing.
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "$@"
		return
	fi
	builtin compadd -A offered "$@"
	(( $#offered == 0 )) || print -rl -- $offered >> $scratch/added
	builtin compadd "$@"
}
over() {
	: > $scratch/over
}
zle -N over
bindkey '^I' complete-word
bindkey '^X' over
: > $scratch/ready
END

# Waits for a file, for ten seconds.
await() {
	integer i
	for (( i = 0; i < 1000; i++ )); do
		[[ ! -e $1 ]] || return 0
		zselect -t 1
	done
	print "# zsh does not answer"
	exit 1
}

rm -f $scratch/(added|over|ready)(N)
zpty shell zsh -f -i
zpty -w shell "source $scratch/zshrc"
await $scratch/ready
zpty -w -n shell "rewrite $1"$'\t\x18'
await $scratch/over
zpty -d shell
[[ ! -e $scratch/added ]] || cat $scratch/added
