#!/bin/sh
# What the tests need beside Python: compilers for our games, and a screen to open windows on.
set -eu
missing=""
command -v cl65 >/dev/null || missing="$missing cc65"
command -v m68k-linux-gnu-gcc >/dev/null || missing="$missing gcc-m68k-linux-gnu binutils-m68k-linux-gnu"
command -v Xvfb >/dev/null || missing="$missing xvfb"
[ -e /usr/lib/x86_64-linux-gnu/libGL.so.1 ] || command -v brew >/dev/null || missing="$missing libgl1 libglu1-mesa libgl1-mesa-dri"
[ -z "$missing" ] && exit 0
if ! command -v apt-get >/dev/null; then
    echo "The tests need:$missing. Install them with your system's packages (brew install cc65 m68k-elf-gcc xquartz on macOS)." >&2
    exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
