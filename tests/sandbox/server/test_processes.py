"""The server's process may die, and several clients' processes may work at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import requests

from include.sandbox.control_client import Control

CLIENT = '''
import json, sys, requests
access, name = json.loads(sys.argv[1]), sys.argv[2]
here, there = access["intacct"], access["hubspot"]
session = requests.Session()
session.trust_env = False
print("ready", flush=True)
sys.stdin.readline()
for n in range(15):
    request = f"""<request><control><senderid>{here["sender_id"]}</senderid>
    <password>{here["sender_password"]}</password><controlid>{name}-{n}</controlid><uniqueid>false</uniqueid>
    <dtdversion>3.0</dtdversion></control><operation><authentication><login><userid>{here["user_id"]}</userid>
    <companyid>{here["company_id"]}</companyid><password>{here["user_password"]}</password></login></authentication>
    <content><function controlid="{name}-{n}"><create><CUSTOMER><CUSTOMERID>{name}-{n}</CUSTOMERID>
    <NAME>{name} {n}</NAME></CUSTOMER></create></function></content></operation></request>"""
    answer = session.post(here["url"], data=request, headers={"Content-Type": "application/xml"}, timeout=20)
    assert answer.text.count("<status>success</status>") == 3, answer.text
    answer = session.post(
        there["url"] + "/crm/v3/objects/companies",
        json={"properties": {"name": f"{name} {n}"}},
        headers={"Authorization": "Bearer " + there["token"]},
        timeout=20,
    )
    assert answer.status_code == 201, answer.text
'''


def serve(folder):
    command = [sys.executable, "-m", "include.sandbox", "--port", "0", "--json", "--deals", "2", "--data", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    return server, json.loads(server.stdout.readline())


def end(server, *, kill=False):
    (server.kill if kill else server.terminate)()
    server.communicate(timeout=20)


def client(access, name):
    return subprocess.Popen(
        [sys.executable, "-c", CLIENT, json.dumps(access), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def work(access, *names):
    """Clients of these names work at the same time; each must end well."""
    clients = [client(access, name) for name in names]
    for process in clients:
        assert process.stdout.readline() == "ready\n"
    for process in clients:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in clients:
        _, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, "")


def names_in(access):
    control = Control(access["control"])
    customers = {row["record"]["NAME"] for row in control.books("intacct") if row["object"] == "CUSTOMER"}
    companies = {row["properties"]["name"] for row in control.books("hubspot") if row["type"] == "companies"}
    return customers, companies


def test_two_client_processes_work_at_once_and_what_they_wrote_survives_a_killed_server(tmp_path):
    server, access = serve(tmp_path)
    try:
        work(access, "left", "right")
        written = {f"{name} {n}" for name in ("left", "right") for n in range(15)}
        before = names_in(access)
        assert all(written <= found for found in before)
        counts = Control(access["control"]).counts()["systems"]
        assert (counts["intacct"]["calls"], counts["hubspot"]["calls"]) == (30, 30)
    finally:
        end(server, kill=True)
    server, access = serve(tmp_path)
    try:
        assert names_in(access) == before
        assert Control(access["control"]).ready()["deals"] == 2
        token = {"Authorization": f"Bearer {access['hubspot']['token']}"}
        url = f"{access['hubspot']['url']}/crm/v3/objects/companies"
        assert requests.get(url, headers=token, timeout=10).status_code == 200
        work(access, "later")
        assert all({f"later {n}" for n in range(15)} <= found for found in names_in(access))
    finally:
        end(server)
