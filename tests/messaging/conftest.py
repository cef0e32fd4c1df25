"""Asynchronous tests run each in a loop of its own."""

import asyncio
import inspect

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(function):
        return None
    names = inspect.signature(function).parameters
    asyncio.run(_ended(function(**{name: pyfuncitem.funcargs[name] for name in names})))
    return True


async def _ended(test):
    """One that waits for ever fails by its name, instead of holding the whole run."""
    async with asyncio.timeout(180):
        await test
