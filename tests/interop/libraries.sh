# library_path FOLDER: where the libraries are that were unpacked into it, for
# LD_LIBRARY_PATH.
library_path() {
	path=$1/usr/lib/postfix
	for lib in "$1/usr/lib" "$1"/usr/lib/*-linux-* "$1"/lib/*-linux-*; do
		path=$path:$lib
	done
	echo "$path"
}
