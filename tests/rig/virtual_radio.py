#!/usr/bin/env python3
"""The guest's Bluetooth controller and the air around it, by Bumble; the loggers' bytes come from Rust.

virtual_radio.py [--per-second N] [--burst N] [--vanish-after N] -- PROGRAM ARGUMENT...

PROGRAM is `virtual-loggers`, COUNT its first argument. Prints `ready` once all loggers are in the air. The
overrides below make Bumble 0.0.236 behave as Linux and real controllers do; each says what it is for.
"""

import argparse
import asyncio
import subprocess
import sys
import time

from bumble import controller, hci, link
from bumble.core import UUID
from bumble.device import Device, DeviceConfiguration
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.transport import open_transport

NORDIC_UART = "6e40000%d-b5a3-f393-e0a9-e50e24dcca9e"
ADVERT_S = 1.285
HEARTBEAT_S = 1.0
SUPERVISION_S = 2.0
AWAY_S = 4.0
SUPERVISION_TIMEOUT = 0x08
RSSI_DBM = -57


def say(*words):
    print(f"{time.monotonic():9.3f}", *words, flush=True)


class Loggers:
    """The program that knows the loggers' bytes: one line asks, one line answers."""

    def __init__(self, command):
        self.count = int(command[1])
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question, number, value=b""):
        line = f"{question} {number} {value.hex()}".rstrip() + "\n"
        self.program.stdin.write(line.encode())
        self.program.stdin.flush()
        answer = self.program.stdout.readline()
        if not answer.endswith(b"\n"):
            sys.exit(f"the virtual loggers have ended at: {line}")
        return [bytes.fromhex(packet) for packet in answer.decode().split()]


class Air(link.LocalLink):
    def send_acl_data(self, sender_controller, destination_address, transport, data):
        """Bumble names the sender by its random address; the kernel connects from its public one."""
        receiver = self.find_le_controller(destination_address)
        connection = sender_controller.le_connections.get(destination_address)
        if receiver and connection:
            loop = asyncio.get_running_loop()
            loop.call_soon(receiver.on_link_acl_data, connection.self_address, transport, data)


class Controller(controller.Controller):
    # With any of these Linux waits for events that Bumble never sends, and connects only once.
    le_features = controller.Controller.le_features & ~(
        hci.LeFeatureMask.LL_PRIVACY
        | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )
    le_acl_data_packet_length = 251
    acl_data_packet_length = 251

    def on_advertising_pdu(self, pdu):
        """Bumble reports the advert twice; an active scan gets the scan response after it."""
        if self.le_scan_enable:
            kinds = hci.HCI_LE_Advertising_Report_Event.EventType
            self.report(pdu, kinds.ADV_IND, pdu.data)
            sender = self.link.find_le_controller(pdu.advertiser_address)
            if self.le_scan_type == 1 and sender:
                self.report(pdu, kinds.SCAN_RSP, sender.le_legacy_advertiser.scan_response_data)
        wanted = self.pending_le_connection
        if wanted and wanted.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def report(self, pdu, kind, data):
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind,
            address_type=pdu.advertiser_address.address_type,
            address=pdu.advertiser_address,
            data=data,
            rssi=RSSI_DBM,
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))


class Advertiser(controller.LegacyAdvertiser):
    """Sends what the logger measures at that moment."""

    def __init__(self, owner, packets):
        super().__init__(owner)
        self.packets = packets

    def send_advertising_data(self):
        if self.enabled:
            self.advertising_data, self.scan_response_data = self.packets()
            super().send_advertising_data()


class Logger:
    def __init__(self, number, loggers, air, central, options):
        self.number, self.loggers, self.central, self.options = number, loggers, central, options
        self.connections = 0
        self.radio = Controller(f"logger {number}", link=air)
        self.radio.le_legacy_advertiser = Advertiser(self.radio, lambda: self.ask("advert"))
        self.notify = Characteristic(NORDIC_UART % 3, Characteristic.Properties.NOTIFY, Characteristic.READABLE, b"")
        writes = Characteristic.Properties.WRITE | Characteristic.Properties.WRITE_WITHOUT_RESPONSE
        write = Characteristic(
            NORDIC_UART % 2, writes, Characteristic.WRITEABLE, CharacteristicValue(write=self.on_write)
        )
        address = hci.Address(self.ask("address")[0][::-1], hci.Address.RANDOM_DEVICE_ADDRESS)
        # Bumble takes the controller's slots of 0.625 ms for milliseconds.
        interval_ms = ADVERT_S * 1000 * 0.625
        configuration = DeviceConfiguration(
            name=f"logger {number}",
            address=address,
            advertising_interval_min=interval_ms,
            advertising_interval_max=interval_ms,
        )
        self.device = Device(config=configuration, host=Host(self.radio, self.radio))
        self.device.add_service(Service(UUID(NORDIC_UART % 1), [write, self.notify]))
        self.device.on("connection", self.on_connection)

    def ask(self, question, value=b""):
        return self.loggers.ask(question, self.number, value)

    async def appear(self):
        await self.device.power_on()
        await self.device.start_advertising(auto_restart=False)

    def on_connection(self, connection):
        self.connections += 1
        say("connected", self.number, self.connections)
        heartbeats = asyncio.get_running_loop().create_task(self.heartbeats(connection))

        def on_disconnection(reason):
            say("disconnected", self.number, hex(reason))
            heartbeats.cancel()
            asyncio.get_running_loop().create_task(self.return_after(reason))

        connection.on("disconnection", on_disconnection)

    async def return_after(self, reason):
        await asyncio.sleep(AWAY_S if reason == SUPERVISION_TIMEOUT else 0.1)
        await self.device.start_advertising(auto_restart=False)
        say("in the air", self.number)

    async def heartbeats(self, connection):
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await self.device.notify_subscriber(connection, self.notify, self.ask("heartbeat")[0])

    def on_write(self, connection, value):
        packets = self.ask("write", bytes(value))
        say("asked", self.number, bytes(value).hex(), "answers", len(packets))
        asyncio.get_running_loop().create_task(self.answer(connection, packets))

    async def answer(self, connection, packets):
        begin = time.monotonic()
        for sent, packet in enumerate(packets):
            if self.connections == 1 and sent == self.options.vanish_after:
                return await self.vanish()
            if connection not in self.device.connections.values():
                return say("answer cut short", self.number, sent)
            await self.device.notify_subscriber(connection, self.notify, packet)
            # Linux drops notifications without a word when more of them wait than bluetoothd can take.
            if (sent + 1) % self.options.burst == 0:
                await asyncio.sleep(max(0, begin + (sent + 1) / self.options.per_second - time.monotonic()))
        say("answered", self.number, len(packets))

    async def vanish(self):
        """Out of reach: nothing comes any more, and both ends notice by their supervision timeout."""
        say("vanished", self.number)
        await asyncio.sleep(SUPERVISION_S)
        for end in (self.central, self.radio):
            for connection in list(end.le_connections.values()):
                end.on_le_disconnected(connection, SUPERVISION_TIMEOUT)


async def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--per-second", type=int, default=1000)
    arguments.add_argument("--burst", type=int, default=10)
    arguments.add_argument("--vanish-after", type=int)
    arguments.add_argument("program", nargs="+")
    options = arguments.parse_args()
    loggers = Loggers(options.program)
    air = Air()
    async with await open_transport("vhci") as kernel:
        central = Controller(
            "central", host_source=kernel.source, host_sink=kernel.sink, link=air, public_address="02:00:00:00:00:01"
        )
        fleet = [Logger(number, loggers, air, central, options) for number in range(loggers.count)]
        for logger in fleet:
            await logger.appear()
        say("ready")
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
