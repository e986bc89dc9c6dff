python3 - <<'END'
import subprocess, threading, time
children = [subprocess.Popen(['sleep', '3']) for _ in range(200)]
print(sum(child.wait() for child in children))
threads = [threading.Thread(target=time.sleep, args=(2,)) for _ in range(500)]
[thread.start() for thread in threads]
print(threading.active_count())
[thread.join() for thread in threads]
END
