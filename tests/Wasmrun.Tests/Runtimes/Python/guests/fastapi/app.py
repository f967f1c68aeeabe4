"""An application of FastAPI: checked parameters and bodies, dependencies, errors, and a description of itself."""
from typing import List, Optional

from fastapi import Depends, FastAPI, HTTPException, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

app = FastAPI(title='things')
things = {}


class Thing(BaseModel):
    name: str = Field(min_length=2)
    price: float = Field(gt=0)
    tags: List[str] = []


def limit(most: Optional[int] = None):
    return most or 10


@app.get('/things', response_model=List[Thing])
def every(most: int = Depends(limit)):
    return list(things.values())[:most]


@app.get('/things/{number}', response_model=Thing)
async def one(number: int):
    if number not in things:
        raise HTTPException(404, detail='no thing %d' % number)
    return things[number]


@app.put('/things/{number}', status_code=201)
async def put(number: int, thing: Thing):
    things[number] = thing
    return {'number': number, 'total': round(sum(each.price for each in things.values()), 2)}


@app.websocket('/talk/{name}')
async def talk(socket: WebSocket, name: str, most: int = Depends(limit)):
    await socket.accept()
    try:
        async for message in socket.iter_json():
            await socket.send_json({'name': name, 'most': most, 'sum': sum(message)})
    except WebSocketDisconnect:
        pass
    print('the talk has ended', flush=True)
