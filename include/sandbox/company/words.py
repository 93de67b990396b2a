"""The words that the demo's names are made of. None of these names is meant to be a real company or
person."""

from __future__ import annotations

FIRST_WORDS = (
    "Alder", "Amberfield", "Ashcombe", "Basalt", "Birchwell", "Bluestem", "Bracken", "Brightline", "Calder", "Canyon",
    "Cedarview", "Clearwell", "Cobalt", "Copperhill", "Coralis", "Crestmont", "Dovetail", "Driftwood", "Eastbrook",
    "Elmstead", "Emberly", "Fairhaven", "Fernhill", "Flintridge", "Foxglove", "Garnet", "Glenmore", "Granary",
    "Greyfriar", "Harbor", "Hawthorn", "Heronsway", "Hollowell", "Inkwell", "Ironbark", "Juniper", "Kestrel",
    "Kingfisher", "Lakeview", "Larkspur", "Limestone", "Lockhart", "Marlowe", "Meadowgate", "Millrace", "Mistral",
    "Northgate", "Oakhurst", "Orchard", "Palisade", "Pinewood", "Quarry", "Redwing", "Rivermark", "Saltmarsh",
    "Sandpiper", "Silverbirch", "Slatepoint", "Stonebridge", "Summerfield", "Tamarack", "Thistle", "Tidewater",
    "Umbra", "Valebrook", "Vireo", "Wayfarer", "Westering", "Willowmere", "Windrush", "Yarrow",
)  # fmt: skip

TRADE_WORDS = (
    "Analytics", "Automation", "Biologics", "Brewing", "Ceramics", "Chemicals", "Climate", "Dairy", "Diagnostics",
    "Dynamics", "Energy", "Engineering", "Farms", "Foods", "Foundry", "Freight", "Glassworks", "Health", "Housing",
    "Imaging", "Instruments", "Laboratories", "Lighting", "Logistics", "Machines", "Marine", "Materials", "Metals",
    "Mills", "Mobility", "Optics", "Packaging", "Paper", "Pharma", "Plastics", "Printing", "Robotics", "Seeds",
    "Sensors", "Software", "Storage", "Textiles", "Timber", "Tooling", "Ventures", "Water", "Wind",
)  # fmt: skip

# Only used once the pairs of the first two lists are spent, in very large demo companies.
PLACE_WORDS = (
    "Abbott", "Barrow", "Cairn", "Dunmore", "Eskdale", "Farley", "Gresham", "Holt", "Iverness", "Jarrow", "Kelso",
    "Lindon", "Morley", "Naseby", "Orford", "Penrose", "Quorn", "Ripley", "Selby", "Thorne", "Upton", "Vernon",
    "Weldon", "Yeovale", "Zennor",
)  # fmt: skip

PROJECTS = (
    "cold room monitoring", "line 4 sensors", "new plant roll-out", "warehouse gateways", "lab refit",
    "pilot to production", "annual subscription", "remote sites", "calibration programme", "second building",
    "fleet upgrade", "compliance package", "regional expansion", "quality lab", "boiler house", "clean room",
    "tank farm", "field kits", "starter package", "training year",
)  # fmt: skip

GIVEN_NAMES = (
    "Amara", "Anouk", "Arjun", "Beatriz", "Benedikt", "Carmen", "Chidi", "Clara", "Daniel", "Delia", "Elif", "Emre",
    "Fatima", "Felix", "Grace", "Hanna", "Hiroshi", "Ines", "Ivo", "Jasper", "Kenji", "Lea", "Liam", "Lucia", "Maeve",
    "Mateo", "Mei", "Nadia", "Noor", "Oskar", "Priya", "Quentin", "Rafael", "Rosa", "Samuel", "Saoirse", "Tariq",
    "Thea", "Tomas", "Uma", "Viktor", "Wanda", "Yara", "Yusuf", "Zoe",
)  # fmt: skip

FAMILY_NAMES = (
    "Achterberg", "Adeyemi", "Almeida", "Bianchi", "Brennan", "Castellan", "Chaudhry", "Delacourt", "Eriksen",
    "Ferreira", "Fujimori", "Galvani", "Grunwald", "Hallam", "Hoang", "Ibsen", "Jankowski", "Kaplan", "Kowal",
    "Lindqvist", "Marchetti", "Mbeki", "Moreau", "Nakagawa", "Novotny", "Okafor", "Osei", "Petrov", "Quigley",
    "Rahman", "Rossi", "Sandoval", "Schiller", "Sorensen", "Tanaka", "Tremblay", "Ueda", "Vance", "Vogel", "Walsh",
    "Weber", "Yildiz", "Zeman", "Zhou",
)  # fmt: skip

JOBS = ("Head of Operations", "Plant Manager", "Purchasing", "Finance Manager", "Laboratory Lead", "Accounts Payable")

STREETS = (
    "Canal Street", "Foundry Lane", "Harbour Road", "Kiln Yard", "Market Street", "Mill Road", "Orchard Way",
    "Quay Street", "Railway Terrace", "Station Road", "Tannery Row", "Victoria Road",
)  # fmt: skip
