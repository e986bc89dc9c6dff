export HOME=/tmp; cd /tmp
python3 -m test -j1 test_os test_subprocess test_threading test_io test_select test_pathlib test_time 2>&1 |
  tee /dev/stderr | grep -o '\] test_.* \(passed\|failed\|skipped\)\|^Tests result.*'
