"""CIM files: a small CGMES model by profile, and what OpenDSS exports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:cim="http://iec.ch/TC57/2013/CIM-schema-cim16#" '
    'xmlns:md="http://iec.ch/TC57/61970-552/ModelDescription/1#" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
)
_ENUM = "http://iec.ch/TC57/2013/CIM-schema-cim16#"
_EXPORT = """
import os, sys
import opendssdirect as dss
dss.Text.Command(f'compile "{sys.argv[1]}"')
os.chdir(sys.argv[2])
dss.Text.Command(f"set datapath={sys.argv[2]}")
dss.Text.Command('export cim100 fid="1b3a4a4e-2d7f-4d6c-9d55-0123456789ab" substation=s geo=g subgeo=r file=out.xml')
"""


def tell(kind: str, key: str, *, about: bool = False, **said: object) -> str:
    """An object: attributes as ``Class_attribute``, references as texts that begin with # (``##`` an enumeration)."""
    lines = []
    for name, value in said.items():
        tag = "cim:" + name.replace("_", ".", 1)
        text = str(value)
        if text.startswith("##"):
            lines.append(f'  <{tag} rdf:resource="{_ENUM}{text[2:]}"/>')
        elif text.startswith("#"):
            lines.append(f'  <{tag} rdf:resource="#_{text[1:]}"/>')
        else:
            lines.append(f"  <{tag}>{text}</{tag}>")
    place = f'rdf:about="#_{key}"' if about else f'rdf:ID="_{key}"'
    return f"<cim:{kind} {place}>\n" + "\n".join(lines) + f"\n</cim:{kind}>\n"


def wrap(*objects: str, profile: str = "EquipmentCore") -> str:
    """A file of one profile."""
    said = f"<md:Model.profile>{profile}</md:Model.profile>"
    model = f'<md:FullModel rdf:about="urn:uuid:{profile}">{said}</md:FullModel>\n'
    return _HEAD + model + "".join(objects) + "</rdf:RDF>\n"


def equipment() -> str:
    """EQ: a 20/0.4 kV transformer, a cable, a switch, two loads, a generator; kV, MVA, km."""
    objects = [
        tell("BaseVoltage", "bv20", BaseVoltage_nominalVoltage=20),
        tell("BaseVoltage", "bv04", BaseVoltage_nominalVoltage=0.4),
        tell("Substation", "sub", IdentifiedObject_name="North"),
        tell("VoltageLevel", "vl20", VoltageLevel_BaseVoltage="#bv20", VoltageLevel_Substation="#sub"),
        tell("VoltageLevel", "vl04", VoltageLevel_BaseVoltage="#bv04", VoltageLevel_Substation="#sub"),
    ]
    for node, level in (("mv", "vl20"), ("lv", "vl04"), ("box", "vl04"), ("far", "vl04")):
        objects.append(
            tell(
                "ConnectivityNode",
                f"n-{node}",
                IdentifiedObject_name=node,
                ConnectivityNode_ConnectivityNodeContainer=f"#{level}",
            )
        )
    objects += [
        tell(
            "ExternalNetworkInjection", "grid", IdentifiedObject_name="grid", RegulatingCondEq_RegulatingControl="#rc",
            ExternalNetworkInjection_maxInitialSymShCCurrent=5000, ExternalNetworkInjection_maxR1ToX1Ratio=0.2,
            ExternalNetworkInjection_maxZ0ToZ1Ratio=3,
        ),
        tell("PowerTransformer", "t1", IdentifiedObject_name="T1"),
        tell(
            "PowerTransformerEnd", "t1a", PowerTransformerEnd_PowerTransformer="#t1", TransformerEnd_Terminal="#x-t1-1",
            TransformerEnd_endNumber=1, PowerTransformerEnd_ratedU=20, PowerTransformerEnd_ratedS=0.4,
            PowerTransformerEnd_r=14.25, PowerTransformerEnd_x=58.28, PowerTransformerEnd_g=3.375e-6,
            PowerTransformerEnd_b=-7.7e-6, PowerTransformerEnd_connectionKind="##WindingConnection.D",
            PowerTransformerEnd_phaseAngleClock=0,
        ),
        tell(
            "PowerTransformerEnd", "t1b", PowerTransformerEnd_PowerTransformer="#t1", TransformerEnd_Terminal="#x-t1-2",
            TransformerEnd_endNumber=2, PowerTransformerEnd_ratedU=0.4, PowerTransformerEnd_ratedS=0.4,
            PowerTransformerEnd_r=0, PowerTransformerEnd_x=0,
            PowerTransformerEnd_connectionKind="##WindingConnection.Yn", PowerTransformerEnd_phaseAngleClock=5,
        ),
        tell(
            "RatioTapChanger", "tap", RatioTapChanger_TransformerEnd="#t1a", TapChanger_neutralStep=0,
            TapChanger_normalStep=0, RatioTapChanger_stepVoltageIncrement=2.5,
        ),
        tell(
            "ACLineSegment", "c1", IdentifiedObject_name="cable", Conductor_length=0.1, ACLineSegment_r=0.02,
            ACLineSegment_x=0.008, ACLineSegment_r0=0.08, ACLineSegment_x0=0.03, ACLineSegment_bch=8e-6,
            ACLineSegment_b0ch=4e-6,
        ),
        tell("OperationalLimitSet", "ols", OperationalLimitSet_Terminal="#x-c1-1"),
        tell("OperationalLimitType", "patl", OperationalLimitType_limitType="##LimitTypeKind.patl"),
        tell("OperationalLimitType", "tatl", OperationalLimitType_limitType="##LimitTypeKind.tatl"),
        tell(
            "CurrentLimit", "l1", OperationalLimit_OperationalLimitSet="#ols", CurrentLimit_value=270,
            OperationalLimit_OperationalLimitType="#patl",
        ),
        tell(
            "CurrentLimit", "l2", OperationalLimit_OperationalLimitSet="#ols", CurrentLimit_value=200,
            OperationalLimit_OperationalLimitType="#tatl",
        ),
        tell("LoadBreakSwitch", "s1", IdentifiedObject_name="link", Switch_normalOpen="false", Switch_ratedCurrent=400),
        tell("ConformLoad", "home", IdentifiedObject_name="home"),
        tell("EnergyConsumer", "shop", IdentifiedObject_name="shop"),
        tell("SynchronousMachine", "roof", IdentifiedObject_name="roof"),
        tell("BusbarSection", "bb", IdentifiedObject_name="busbar"),
    ]  # fmt: skip
    joined = [
        ("grid", "mv"), ("t1", "mv", "lv"), ("c1", "lv", "box"), ("s1", "box", "far"), ("home", "far"),
        ("shop", "box"), ("roof", "box"), ("bb", "lv"),
    ]  # fmt: skip
    for equipment, *nodes in joined:
        for number, node in enumerate(nodes, 1):
            objects.append(
                tell(
                    "Terminal", f"x-{equipment}-{number}", Terminal_ConductingEquipment=f"#{equipment}",
                    ACDCTerminal_sequenceNumber=number, Terminal_ConnectivityNode=f"#n-{node}",
                )
            )  # fmt: skip
    return wrap(*objects)


def hypothesis() -> str:
    """SSH: what stands and flows now; MW."""
    objects = [
        tell("ConformLoad", "home", about=True, EnergyConsumer_p=0.003, EnergyConsumer_q=0.001),
        tell("EnergyConsumer", "shop", about=True, EnergyConsumer_p=0.01, EnergyConsumer_q=-0.002),
        tell("SynchronousMachine", "roof", about=True, RotatingMachine_p=-0.005, RotatingMachine_q=0),
        tell("LoadBreakSwitch", "s1", about=True, Switch_open="false"),
        tell("RatioTapChanger", "tap", about=True, TapChanger_step=2),
        tell("RegulatingControl", "rc", about=True, RegulatingControl_targetValue=20.4),
    ]
    return wrap(*objects, profile="SteadyStateHypothesis")


def geography() -> str:
    """GL: where things are, in degrees."""
    objects = [
        tell("CoordinateSystem", "wgs", CoordinateSystem_crsUrn="urn:ogc:def:crs:EPSG::4326"),
        tell("Location", "loc", Location_PowerSystemResources="#c1", Location_CoordinateSystem="#wgs"),
    ]
    for number, (x, y) in enumerate(((4.88, 45.77), (4.881, 45.771)), 1):
        objects.append(
            tell(
                "PositionPoint", f"p{number}", PositionPoint_Location="#loc", PositionPoint_sequenceNumber=number,
                PositionPoint_xPosition=x, PositionPoint_yPosition=y,
            )
        )  # fmt: skip
    return wrap(*objects, profile="GeographicalLocation")


def write_profiles(folder: Path) -> Path:
    """Write the model as a folder of profiles."""
    folder.mkdir(exist_ok=True)
    for name, text in (("EQ", equipment()), ("SSH", hypothesis()), ("GL", geography())):
        (folder / f"small_{name}.xml").write_text(text, encoding="utf-8")
    return folder


def export_from_opendss(master: Path, folder: Path) -> Path:
    """What OpenDSS itself exports as CIM100, by the tool in a process of its own."""
    subprocess.run(
        [sys.executable, "-c", _EXPORT, str(master), str(folder)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder / "out.xml"
