"""Send an admission to Plek from an organisation's own system, or read what was refused.

`python intake.py send SHELTER UNIT`, `python intake.py refusals`.

Needs aiokafka, and what `plek intake add` printed: INTAKE_BOOTSTRAP, INTAKE_SECURITY, INTAKE_TOPIC, INTAKE_USER, INTAKE_PASSWORD.
"""

import asyncio
import json
import os
import ssl
import sys
import uuid
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

topic = os.environ["INTAKE_TOPIC"]
security = os.environ.get("INTAKE_SECURITY", "SASL_SSL")
connection = {
    "bootstrap_servers": os.environ["INTAKE_BOOTSTRAP"],
    "security_protocol": security,
    "ssl_context": ssl.create_default_context() if security == "SASL_SSL" else None,
    "sasl_mechanism": "SCRAM-SHA-512",
    "sasl_plain_username": os.environ["INTAKE_USER"],
    "sasl_plain_password": os.environ["INTAKE_PASSWORD"],
}


def admission(shelter: str, unit: str) -> dict[str, object]:
    """Return an admission of one adult with two children. Keep it until Kafka has it: sent again, the same id counts once."""
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": f"urn:plek:shelter:{shelter}:system",
        "type": "nl.plek.admission.v1",
        "subject": shelter,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": {"shelter": shelter, "unit": unit, "stay": str(uuid.uuid4()), "adults": 1, "children": 2},
    }


async def send(shelter: str, unit: str) -> None:
    """Send an admission, and return when Kafka has it for certain."""
    # The key is the shelter; an idempotent producer keeps the order, also when it has to send again
    async with AIOKafkaProducer(**connection, acks="all", enable_idempotence=True) as producer:
        sent = await producer.send_and_wait(topic, json.dumps(admission(shelter, unit)).encode(), shelter.encode())
    print(f"sent: {sent.topic} {sent.partition} {sent.offset}")


async def refusals(seconds: float = 5) -> None:
    """Print what was refused since the last time, for as long as something comes within so many seconds."""
    group = AIOKafkaConsumer(f"{topic}.refused", **connection, group_id=topic, auto_offset_reset="earliest", enable_auto_commit=False)
    async with group as consumer:
        # To join the group takes a time of its own, in which nothing comes
        async with asyncio.timeout(60):
            while not consumer.assignment():
                await asyncio.sleep(0.1)
        while records := await consumer.getmany(timeout_ms=int(seconds * 1000)):
            for record in (record for each in records.values() for record in each):
                print(f"refused: {record.value.decode()}")
            await consumer.commit()


if sys.argv[1:2] == ["send"]:
    asyncio.run(send(*sys.argv[2:]))
elif sys.argv[1:] == ["refusals"]:
    asyncio.run(refusals())
else:
    sys.exit("intake.py send SHELTER UNIT | intake.py refusals")
