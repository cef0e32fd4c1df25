# Print the Python that will make the environment, or say in one sentence what is missing.
# POSIX shell: nothing else may be expected of a fresh machine.
if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
    echo .venv/bin/python
    exit 0
fi
found=""
for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { found="$found $version"; continue; }
    if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$candidate"
        exit 0
    fi
    without_venv=$version
done
if [ -n "${without_venv:-}" ]; then
    echo "Le module « venv » manque à Python $without_venv. Tapez : sudo apt install python3-venv (ou python$without_venv-venv), puis recommencez." >&2
elif [ -n "$found" ]; then
    echo "Python$found est trop ancien : Cordée demande Python 3.11 ou plus récent (Debian 12, Ubuntu 24.04). Tapez : sudo apt install python3 python3-venv, puis recommencez." >&2
else
    echo "Python est introuvable : Cordée demande Python 3.11 ou plus récent. Tapez : sudo apt install python3 python3-venv, puis recommencez." >&2
fi
exit 1
