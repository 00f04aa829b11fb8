"""The golden examples of each event type: round trip, schema and fold tests are parametrised over them, and other languages read them.

`full` has every member; `minimal` is the same event without the optional ones, with empty lists, and null where that is allowed.
"""

from dataclasses import fields, replace
from typing import Any

from services.adapters.codec.validation import required, rule_of
from services.domain.durations import HOUR_NS
from services.domain.events import catalog as e
from services.domain.events import value_types as v

# 2 March 2026, 14:30 in Amsterdam, in nanoseconds.
_THEN = 1_772_458_200_000_000_000
_STAY = "0b7ad7c2-6c1f-4f0e-9a4e-3d2c1b0a9f81"
_HOLD = "5f0c1d7e-8f4b-4c55-9d3a-2f1f6f7b8c90"
_CASE = "c3a1b2d4-1e2f-4a3b-8c4d-5e6f7a8b9c0d"
_EARLIER = "7e57d004-2b97-4e7a-b45f-5387367791cd"
_DESK = "urn:plek:shelter:berk:desk-1"
_NAMED = e.Named(source=_DESK, id="9b2f8a1e-4d5c-4b7a-9e21-6c0f3d8a5b47")
_IDS = {"minimal": "2d1f6c3e-8b90-4e5a-b7c4-1a9e0d3f5c68", "full": "9b2f8a1e-7c44-4f0d-8a53-0e6b2c9d1f74"}
_NEED = e.Need(
    kinds=("emergency", "crisis"),
    features=("cot",),
    men=0,
    oldest_son_age=9,
    security="secure",
    services=("psychiatric",),
    languages=("nl", "ti"),
)
# Two ciphertexts of that need that open with the key of the bytes 0 to 31, so that another program can be tried on them
_KEY_OF_THE_DAY = "2026-03-02.5f0c1d7e"
_SEALED_SEARCH = (
    "P_46mi1qzr7IguzX7nN63_Qju-SRdwGyDVIB9xRxoCQE00GmT14tySxxK-nJLGvWlHEOig5yWZdL2WMmMK20xYZZhxk4a3Ng_b-"
    "6N8BuwJv4a8lnFxKnhYyy0Jc46eUQaEX192yt91kRNomNAeLyY0neZZyTn76QQFEGiEeEaAq4JUFUdFH5Ik4gnFE4Yh93rYHrU5L7S2P8kx_475HOGGTJaNA"
    "dBVqPVUug0qyVi_mqkAwbQk5i5KQGEcjKmR56bz1mAr6X2T0aerThEBsBAmnb8MOvMd5tfOXxTTrk09sv7j5R9g21N28uMGT62kJ0ezChfA-1U4wWXI-"
    "F2GTZmAWVlCkXmjzUIVwiRHuQczn5LXwNuLCS5T6XtYNW6x1P2RMB06E89EaukQA7KHTbuNBch0PWkEnj3M9N0g4iJJA_jbsqS60BxXk52qWFGvKioYbx9LU"
    "YaNxHYfuavtYuRexALCoXk6dp8iNM9IaymkidkbttZDDpiBVn2t65eXj96CBS4y5JWp1oaAmK6p_2mECly7yu79c5_1QpbmRsN9JlAMiYMGeus9EjlOiJaCc"
    "nBBtVwgCi0k03sfDISqTFVKEDTlxZb41VfGZX7r11na2siwKKwjaaCH-"
    "_O1DanGzAKZqzeHsEg863DRAD5CiIX6ClhZHjKCFqGEirYBHBvRPdKQ7bMSyvGPptSNGmzmMrZVe3UtIJ1G586YX_x7TaMQu2qiPURukOwWOVA_q-rqWIYwp"
    "S9X0I8xzwFJGq2lwjJ3RsLKOpomutghkeSoqc7QsyoeN_xTiSOr3HE1tmcvNrqxV2cB79JKiL8x56RXDB-"
    "O5THq_QEAWYiYtEZRmgdCXoZH39CHfJtbsI_gTcAyh-TcAYiLuhcqHkr0I"
)
_SEALED_FALLBACK = (
    "GM2jmkK-COBiVSN-YR9qE3K2uXmhSYmcfOvnK9xYNa5hqSQtj3YLREw13_vglCjcCNJXRI_f-CRkiwFuthDcfk7OcSajqaezIrcsi-"
    "iWTVyaz95mqWcDHEDnnWuzSI7SBG2-7q3ybvCyPsz892XZD0ZBEVKDcmJwBULwm6edRDrtNGaqcxiDQnwSHIdQtX7izzgtWQbC8I6CZz-"
    "pGe2N6P1WA0gpmVH0GwFyA7q9RCFf5JDwHaXT72R0v6QGcIsaADA-RYvCLs8VTdgn_VsYpXVp4DVbsGEYHRKc2QxS8TypDTGAYzS0fsqp3shcPf5457lGdgr"
    "ozBYekVDdz38iS1EA0CcUsSnbxiCHV79JVXEeDGV0TvzFWLu5OxEIsz4b-_dClTkNllQ97SCSNPCH88BrLg345L76NC0w45i_GNnCtHN-MGvu-"
    "y3DIjDYNvSms1R9pW0PT1vE02b2fhW6JWDLgZaDuzVzys7DYkt_wYXyMZvDDXZJhrAa_ZSOAnLELP2DWIllgpcT0U8W_uV7ySqW22QJSMTLD4ZEZzM6vuTvz"
    "DdUMt81MZz6T1tc8K4dhTrXcBgWQIVFPwOYE3fgOoQBu_ME2LyEDcRN2fGSB0TxCeJ919Nh6TE0cYcXh_mi6hJ5ucONoT4OJV39n5KlyHuY9bHg64SlJNJaW"
    "tduE5BuQJBzqh0nbvU3RUDunQ3KROY6CCPJ0-AJ1oIMmgj8JCLcxsdMQQFPBJ3oKXpdQEmWmUwnj2AaNLLl4Uv8_ehGo9bFWvVOKGHf7Vqi1IoJT-"
    "PRQKBA51GmL3z_kGcdMMLTXgSPTbaNhkw82BluwmFht89EkEmzZRr_6HTk3lCtU9K6PsHnuzU25Z5QISgUaN7wA2KiLj7a-XSO20Q"
)
_SEEN = {"0": 41_772, "11": 40_963}
_EVIDENCE = e.Evidence(
    status="complete", free_nationally=7, fitting_nationally=2, fitting_excluded_for_safety=2, unknown_units=3, view=_SEEN
)

_BEDS: tuple[e.BedData, ...] = (
    e.ShelterRegistered(
        shelter="berk",
        name="Locatie Berk",
        organisation="de-linden",
        region="R17",
        security="secure",
        audience=("women",),
        max_son_age=14,
        languages=("nl", "ar"),
        services=("trafficking",),
        intake_phone="0800-000001",
    ),
    e.UnitDeclared(
        shelter="berk", unit="u3", kind="crisis", overflow=False, max_adults=1, max_children=3, beds=4, features=("cot", "own_bathroom")
    ),
    e.UnitWithdrawn(shelter="berk", unit="u3"),
    e.UnitClosed(shelter="berk", unit="u3", reason="maintenance", expected_until=_THEN + 48 * HOUR_NS, occurred_at=_THEN - HOUR_NS),
    e.UnitReopened(shelter="berk", unit="u3", occurred_at=_THEN - HOUR_NS),
    e.Admission(shelter="berk", unit="u3", stay=_STAY, adults=1, children=2, hold=_HOLD, occurred_at=_THEN - HOUR_NS),
    e.StayChanged(shelter="berk", stay=_STAY, adults=1, children=3, occurred_at=_THEN - HOUR_NS),
    e.Transfer(shelter="berk", stay=_STAY, to_unit="u4", occurred_at=_THEN - HOUR_NS),
    e.DischargePlanned(shelter="berk", stay=_STAY, expected_at=_THEN + 72 * HOUR_NS, occurred_at=_THEN - HOUR_NS),
    e.Discharge(shelter="berk", stay=_STAY, destination="own_home", unit_ready=False, occurred_at=_THEN - HOUR_NS),
    e.Correction(shelter="berk", corrects=_NAMED, reason="wrong_unit"),
    e.CountConfirmed(shelter="berk", free=2),
    e.IntakePaused(shelter="berk", reason="quarantine", expected_until=_THEN + 48 * HOUR_NS, occurred_at=_THEN - HOUR_NS),
    e.IntakeResumed(shelter="berk", occurred_at=_THEN - HOUR_NS),
    e.HoldRequested(
        shelter="berk",
        hold=_HOLD,
        adults=1,
        children=2,
        kinds=("emergency", "crisis"),
        features=("cot",),
        ttl_seconds=1_800,
        desk="crisis-oost",
        asked_by="3fa9c1d2e4b56078",
    ),
    e.HoldExtended(shelter="berk", hold=_HOLD, ttl_seconds=3_600),
    e.HoldAccepted(shelter="berk", hold=_HOLD),
    e.HoldReleased(shelter="berk", hold=_HOLD),
    e.HoldDeclined(shelter="berk", hold=_HOLD, reason="no_staff"),
)
_DEMAND: tuple[e.DemandData, ...] = (
    e.SearchMade(
        search=_CASE,
        region="R04",
        adults=1,
        children=2,
        need=_NEED,
        exclude_regions=("R04", "R17"),
        fitting_units=2,
        offers=2,
        view=_SEEN,
        again_of=_EARLIER,
    ),
    e.SearchMadeSealed(
        search=_CASE,
        region="R04",
        adults=1,
        children=2,
        sealed=e.SealedNeed(key=_KEY_OF_THE_DAY, text=_SEALED_SEARCH),
        fitting_units=2,
        offers=2,
        view=_SEEN,
        again_of=_EARLIER,
    ),
    e.SearchEnded(search=_CASE, outcome="held", occurred_at=_THEN - HOUR_NS),
    e.FallbackStarted(
        fallback=_CASE,
        region="R04",
        accommodation="hotel",
        adults=1,
        children=2,
        need=_NEED,
        reason="unsafe_region",
        evidence=_EVIDENCE,
        occurred_at=_THEN - HOUR_NS,
    ),
    e.FallbackStartedSealed(
        fallback=_CASE,
        region="R04",
        accommodation="hotel",
        adults=1,
        children=2,
        sealed=e.SealedNeed(key=_KEY_OF_THE_DAY, text=_SEALED_FALLBACK),
        reason="unsafe_region",
        evidence=_EVIDENCE,
        occurred_at=_THEN - HOUR_NS,
    ),
    e.FallbackEnded(fallback=_CASE, outcome="placed", occurred_at=_THEN - HOUR_NS),
    e.WaitingListJoined(entry=_CASE, region="R04", kind="follow_up", adults=1, children=2, occurred_at=_THEN - HOUR_NS),
    e.WaitingListLeft(entry=_CASE, outcome="placed", occurred_at=_THEN - HOUR_NS),
    e.DemandCorrection(fallback=_CASE, corrects=_NAMED, reason="duplicate"),
)
_FULL: dict[type, e.Data] = {type(data): data for data in (*_BEDS, *_DEMAND)}
NAMES = ("minimal", "full")


def example(shape: type, name: str = "full") -> e.Event:
    """Return the golden example of an event type: `minimal` or `full`."""
    data = _FULL[shape] if name == "full" else _least(_FULL[shape])
    subject = getattr(data, "shelter", None) or getattr(data, "region", None) or "R04"
    source = _DESK if shape in e.BED_EVENTS and shape not in e.HOLD_EVENTS else "urn:plek:worker"
    return e.Event(id=_IDS[name], source=source, time=_THEN, subject=subject, data=data)


def _least(data: Any) -> Any:
    """Return the data without its optional members, with empty lists and nulls; a correction of demand keeps its one key."""
    needed = set(required(type(data)))
    changes: dict[str, Any] = {}
    for field in fields(data):
        rule = rule_of(type(data), field.name)
        if field.name not in needed and not isinstance(data, e.DemandCorrection):
            changes[field.name] = field.default
        elif isinstance(rule, v.ListOf):
            changes[field.name] = ()
        elif isinstance(rule, v.Nullable):
            changes[field.name] = None
        elif isinstance(rule, v.Members):
            changes[field.name] = _least(getattr(data, field.name))
    return replace(data, **changes)
