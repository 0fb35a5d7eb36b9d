"""The fixtures that aiormq's tests take from a file which its source distribution leaves out: where the broker is."""

from types import SimpleNamespace

import pytest
from yarl import URL


@pytest.fixture(scope="session")
def rabbitmq_container():
    # The port for TLS is only there to be asked for.
    return SimpleNamespace(host="127.0.0.1", ports={"5672/tcp": 5672, "5671/tcp": 5671})


@pytest.fixture(scope="session")
def amqp_direct_url(rabbitmq_container):
    host, port = rabbitmq_container.host, rabbitmq_container.ports["5672/tcp"]
    return URL.build(scheme="amqp", user="guest", password="guest", path="//", host=host, port=port)
