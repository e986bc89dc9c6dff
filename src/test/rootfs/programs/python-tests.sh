# Python's own tests, case by case. What fails once is asked again, since many of these tests measure time
# and the machine may be busy. test_eventfd is part of test_os in this version.
export HOME=/tmp; cd /tmp
# Some tests leave themselves out where they cannot use up all descriptors.
ulimit -n 1024
modules='test_os test_subprocess test_threading test_io test_select test_pathlib test_time'
for module in $modules; do
  python3 -m test -j1 -w --junit-xml "$module.xml" "$module" >"$module.log" 2>&1 </dev/null
  echo "$module: $(grep '^Tests result' "$module.log")" >&2
  grep -E '^(FAIL|ERROR): |Error: ' "$module.log" >&2
done
python3 - $modules <<'END_OF_PYTHON'
import sys, xml.etree.ElementTree as tree

best = {}
order = ['passed', 'skipped', 'failed']
for module in sys.argv[1:]:
    for case in tree.parse(f'{module}.xml').iter('testcase'):
        children = {child.tag for child in case}
        state = 'failed' if children & {'failure', 'error'} else 'skipped' if 'skipped' in children else 'passed'
        name = f'{module}: {case.get("name")}'
        best[name] = min(best.get(name, state), state, key=order.index)
for name in sorted(best):
    print(name, best[name])
END_OF_PYTHON
