"""The OpenAPI 3.1 document of the endpoint, built from the models that requests are checked by."""

from typing import Any, Final

import orjson
from pydantic.json_schema import models_json_schema

from bot.api.headers import IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP
from bot.api.schemas import Batch, Problem, Results

ERROR_DESCRIPTIONS: Final = {
    "400": "The idempotency key is missing or wrong.",
    "401": "The signature is missing, wrong, too old or was used before.",
    "408": "The body did not arrive in time; send it again.",
    "409": "The idempotency key was used with another body, or its batch is still being processed.",
    "413": "The body is too large.",
    "422": "The body is not what this document describes; nothing was processed.",
    "500": "A mistake of ours; send the same again.",
    "503": "The database cannot be reached; send the same again.",
}


def document() -> dict[str, Any]:
    """The document, as JSON values."""
    models = [(Batch, "validation"), (Results, "serialization"), (Problem, "serialization")]
    _, definitions = models_json_schema(
        models,  # type: ignore[arg-type]  # a list of literals is inferred as one of str
        ref_template="#/components/schemas/{model}",
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "驿站小助手: card applications",
            "version": "1",
            "description": (
                "The bank reports what became of 奋斗卡 applications. A record that was sent "
                "before does nothing; the courier is notified once of a change of status."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": {
            "/api/v1/card-applications": {
                "post": {
                    "operationId": "pushCardApplications",
                    "summary": "Report applications, up to 10,000 at once",
                    "security": [{"timestamp": [], "signature": []}],
                    "parameters": [
                        {
                            "name": IDEMPOTENCY_KEY,
                            "in": "header",
                            "required": True,
                            "description": "The same key and body get the same response.",
                            "schema": {
                                "type": "string",
                                "pattern": "^[!-~]+$",
                                "minLength": 1,
                                "maxLength": 80,
                            },
                        }
                    ],
                    "requestBody": {"required": True, "content": _content("Batch")},
                    "responses": {
                        "200": {
                            "description": "One result for each item.",
                            "content": _content("Results"),
                        },
                        **{
                            status: {"description": description, "content": _content("Problem")}
                            for status, description in ERROR_DESCRIPTIONS.items()
                        },
                    },
                }
            }
        },
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "timestamp": {
                    "type": "apiKey",
                    "in": "header",
                    "name": TIMESTAMP,
                    "description": "Seconds since 1970, at most 5 minutes away from our clock.",
                },
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": SIGNATURE,
                    "description": 'hex(HMAC-SHA256(secret, timestamp + "." + body))',
                },
            },
        },
    }


def _content(name: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


DOCUMENT: Final = orjson.dumps(document(), option=orjson.OPT_INDENT_2)
