#!/bin/sh
# The first process of the rig's guest: brings Bluetooth up, runs one scenario, switches off.
#
# The host's files are there to read. FIRN_RIG_JOB, from the kernel's command line, is the one folder to
# write to; it holds the scenario: `radio` (arguments of virtual_radio.py), `client` and `fault` (scripts).
export PATH=/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/run HOME=/run LC_ALL=C.UTF-8
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/bus
rig=$(dirname "$0")

say() { echo "$(cut -d' ' -f1 /proc/uptime) $*"; }

# Waits for a condition, a tenth of a second of the guest's time at a time.
await() { # WHAT TENTHS COMMAND...
  what=$1 tenths=$2; shift 2
  while [ "$tenths" -gt 0 ]; do
    if "$@" >/dev/null 2>&1; then return; fi
    tenths=$((tenths - 1)); sleep 0.1
  done
  say "$what: not in time"; off 125
}

# There is no init system that could switch off.
off() { # EXIT-CODE
  echo "$1" > exit-code; sync
  exec "$FIRN_RIG_PYTHON" -I -c 'import ctypes; ctypes.CDLL(None).reboot(0x4321FEDC)'
}

adapter() { # true or false: switched on or off
  dbus-send --system --print-reply --dest=org.bluez /org/bluez/hci0 org.freedesktop.DBus.Properties.Set \
    string:org.bluez.Adapter1 string:Powered "variant:boolean:$1"
}

has_lines() { [ "$(wc -l < output)" -ge "$1" ]; }

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /var/lib/bluetooth
mkdir /run/job
mount -t hostfs -o "$FIRN_RIG_JOB" job /run/job
cd /run/job || exit 1
say "Linux $(uname -r)"

dbus-daemon --config-file=bus.conf --nofork --nopidfile > bus.log 2>&1 &
await "the message bus" 100 test -S /run/bus
# shellcheck disable=SC2046 # one argument a word
"$FIRN_RIG_PYTHON" -I -B -u "$rig/virtual_radio.py" $(cat radio) > radio.log 2>&1 &
await "the virtual radio" 600 grep -q ready radio.log
service=/usr/libexec/bluetooth/bluetoothd
[ -x "$service" ] || service=/usr/lib/bluetooth/bluetoothd # before Debian 12
: > /run/bluetoothd.conf # its own defaults, whatever the host's say
"$service" --nodetach --configfile=/run/bluetoothd.conf > bluetoothd.log 2>&1 &
bluetoothd=$!
await "the adapter" 100 adapter true
say "Bluetooth is up"

: > output
if [ -e fault ]; then
  (
    await "the moment of the fault" 3000 has_lines "$(cat fault-after)"
    say "now: $(cat fault)"
    . ./fault
  ) &
fi
timeout 600 sh ./client >> output 2> errors
code=$?
say "the client has ended with $code"
off "$code"
