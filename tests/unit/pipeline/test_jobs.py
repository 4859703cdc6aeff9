"""Jobs: all are done, whatever the number of threads, and what comes after a kind comes after it."""

import threading

import pytest

from transformer.engines.jobs import Job, Jobs


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_all_jobs_are_done_and_what_follows_a_kind_comes_after_it(threads: int) -> None:
    told: list[str] = []
    here = threading.current_thread()

    def then(name: str) -> None:
        assert threading.current_thread() is here
        told.append(name)

    def kind(name: str, count: int):
        return (Job(lambda at=at: f"{name}{at}", then) for at in range(count))

    def after(name: str, before: int):
        def ended():
            assert sum(one.startswith(name) for one in told) == before
            yield Job(lambda: f"after {name}", then)

        return ended

    jobs = Jobs(threads)
    jobs.add(kind("bib", 7), after("bib", 7))
    jobs.add(kind("none", 0), after("none", 0))
    jobs.add(kind("item", 5))
    jobs.finish()
    wanted = [f"bib{at}" for at in range(7)] + [f"item{at}" for at in range(5)] + ["after bib", "after none"]
    assert sorted(told) == sorted(wanted)
    jobs.finish()
    assert len(told) == len(wanted), "there is nothing left to do"


@pytest.mark.parametrize("threads", [1, 2])
def test_the_first_error_stops_and_is_raised(threads: int) -> None:
    begun: list[int] = []

    def work(at: int) -> None:
        begun.append(at)
        if at == 1:
            raise ValueError("the second")

    jobs = Jobs(threads)
    jobs.add(Job(lambda at=at: work(at)) for at in range(100))
    with pytest.raises(ValueError, match="the second"):
        jobs.finish()
    assert len(begun) <= 2 + 2 * threads


def test_two_kinds_are_under_way_at_once() -> None:
    """Each waits for the other: one after the other would never end."""
    meet = threading.Barrier(2, timeout=20)
    jobs = Jobs(2)
    jobs.add([Job(meet.wait)])
    jobs.add([Job(meet.wait)])
    jobs.finish()
