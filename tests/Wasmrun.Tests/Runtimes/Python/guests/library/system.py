"""What the interpreter says of the system that it runs on."""
import os
import time

from rules import done, rule


@rule
def the_environment_names_no_descriptors():
    assert not [name for name in os.environ if name.startswith('LISTEN')]


@rule
def time_of_the_process_counts_in_seconds():
    begun, nanoseconds, times = time.process_time(), time.process_time_ns(), os.times()
    moment = time.monotonic()
    time.sleep(0.1)
    passed = time.monotonic() - moment
    assert 0 <= begun < 3600
    assert 0 <= time.process_time() - begun < passed + 1
    assert 0 <= time.process_time_ns() - nanoseconds < (passed + 1) * 1e9
    assert 0 <= os.times().user - times.user < passed + 1
    assert 0.1 <= os.times().elapsed - times.elapsed < passed + 1


done()
