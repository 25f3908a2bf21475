"""Tells Locum at once when an issue changes: a Roundup detector that posts a Standard Webhook.

Copy into the tracker's `detectors/` folder and describe the receiver in `detectors/config.ini`:

    [locum]
    webhook_url = https://locum.example/hooks/desk
    webhook_secret = whsec_...

The post only hurries Locum: it can end access and never open it, and what gets lost is found by polling.
"""

import base64
import hashlib
import hmac
import json
import logging
import time
import urllib.request
import uuid


def post(db, cl, nodeid, oldvalues):
    status = cl.get(nodeid, "status")
    state = db.status.get(status, "name") if status else None
    body = json.dumps({"type": "issue.changed", "data": {"id": nodeid, "state": state}}).encode()
    message_id, sent_at = "msg_" + uuid.uuid4().hex, str(int(time.time()))
    key = base64.b64decode(str(db.config.detectors["LOCUM_WEBHOOK_SECRET"]).removeprefix("whsec_"))
    signed = b".".join([message_id.encode(), sent_at.encode(), body])
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    request = urllib.request.Request(
        str(db.config.detectors["LOCUM_WEBHOOK_URL"]),
        body,
        {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": sent_at,
            "webhook-signature": "v1," + signature,
        },
    )
    try:
        urllib.request.urlopen(request, timeout=3).close()
    except OSError as error:  # Roundup must not fail because Locum is away.
        logging.getLogger("roundup.locum").warning("locum was not told of issue%s: %s", nodeid, error)


def init(db):
    db.issue.react("create", post)
    db.issue.react("set", post)
